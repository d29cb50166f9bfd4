-- Every version of a KPI's formula, with how its numerator and denominator add up over time and over agencies.
with kpis as (
    select * from {{ ref("stg_kpis") }}
),

data_elements as (
    select * from {{ ref("stg_data_elements") }}
),

final as (
    select
        kpis.kpi_code,
        kpis.formula_version,
        kpis.kpi_kind,
        kpis.valid_from,
        kpis.valid_until,
        numerators.reported_by as asked_of,
        case when numerators.time_aggregation = 'cumulative' then 'last' else numerators.time_aggregation end
            as numerator_over_time,
        case when denominators.time_aggregation = 'cumulative' then 'last' else denominators.time_aggregation end
            as denominator_over_time,
        coalesce(
            numerators.time_aggregation <> 'none'
            and (kpis.kpi_kind = 'count' or denominators.time_aggregation <> 'none'),
            false
        ) as adds_up_over_time,
        coalesce(
            numerators.agency_aggregation = 'sum'
            and (kpis.kpi_kind = 'count' or denominators.agency_aggregation = 'sum'),
            false
        ) as adds_up_over_agencies
    from kpis
    left join data_elements as numerators on kpis.numerator_element = numerators.element_code
    left join data_elements as denominators on kpis.denominator_element = denominators.element_code
)

select * from final
