-- MODEL-14: a source answers in a shape that is not the declared one.
select
    'MODEL-14' as rule_id,
    agency_id,
    source_id as row_key,
    place as found,
    source_name_vi as evidence
from {{ ref("int_source_states") }}
where source_state = 'changed'
