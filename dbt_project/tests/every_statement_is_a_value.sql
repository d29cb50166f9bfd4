-- Every published figure that is known comes out as a KPI value, under its agency, KPI and period.
select
    observations.agency_id,
    observations.element_code,
    observations.period_code
from {{ ref("fct_observation") }} as observations
left join {{ ref("fct_kpi_value") }} as kpi_values
    on
        observations.agency_id = kpi_values.agency_id
        and observations.element_code = kpi_values.kpi_code
        and observations.period_code = kpi_values.period_code
        and kpi_values.basis = 'reported'
        and kpi_values.source = 'published'
where
    observations.element_kind = 'kpi_statement'
    and kpi_values.kpi_value_key is null
    and (observations.correction_id is null or observations.value is not null)
