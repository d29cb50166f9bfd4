-- MODEL-16: a source has brought nothing new for longer than is expected of it.
select
    'MODEL-16' as rule_id,
    agency_id,
    source_id as row_key,
    {{ vi_date("newest_on") }} as found,
    cast(expected_days as {{ dbt.type_string() }}) as expected,
    source_name_vi as evidence
from {{ ref("int_source_states") }}
where silent_days > expected_days
