-- Figures of units that their focal point has not confirmed, by the KPI they give and the period of their report.
with observations as (
    select * from {{ ref("int_observations") }}
),

unconfirmed as (
    select submission_id from {{ ref("int_unit_confirmations") }}
    where state <> 'confirmed'
),

final as (
    select distinct
        observations.agency_id,
        kpi_elements.kpi_code,
        observations.source,
        observations.period_code,
        observations.period_start,
        observations.period_end
    from observations
    semi join unconfirmed on observations.submission_id = unconfirmed.submission_id
    inner join {{ ref("int_kpi_elements") }} as kpi_elements on observations.element_code = kpi_elements.element_code
)

select * from final
