-- A value has one headline source, and of the targets it is held against one is primary.
select
    'headline' as what,
    agency_id,
    kpi_code,
    period_code,
    basis
from {{ ref("fct_kpi_value") }}
group by agency_id, kpi_code, period_code, basis
having count(*) filter (where is_headline) <> 1
union all
select
    'primary target' as what,
    agency_id,
    kpi_code,
    period_code,
    basis
from {{ ref("fct_kpi_gap") }}
group by agency_id, kpi_code, period_code, basis
having count(*) filter (where is_primary) <> 1
