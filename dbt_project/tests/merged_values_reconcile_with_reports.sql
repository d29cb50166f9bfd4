-- On today's basis numerators and denominators are the sums of what the agencies of the time reported.
with reported as (
    select
        agencies.current_agency_id as agency_id,
        kpi_values.kpi_code,
        kpi_values.period_code,
        kpi_values.source,
        sum(kpi_values.numerator) as numerator,
        sum(kpi_values.denominator) as denominator
    from {{ ref("fct_kpi_value") }} as kpi_values
    inner join {{ ref("dim_agency") }} as agencies on kpi_values.agency_id = agencies.agency_id
    where kpi_values.basis = 'reported'
    group by all
)

select
    merged.agency_id,
    merged.kpi_code,
    merged.period_code,
    merged.source,
    merged.numerator,
    merged.denominator
from {{ ref("fct_kpi_value") }} as merged
left join reported
    on
        merged.agency_id = reported.agency_id
        and merged.kpi_code = reported.kpi_code
        and merged.period_code = reported.period_code
        and merged.source = reported.source
where
    merged.basis = 'current'
    and (
        (merged.numerator is not null and merged.numerator is distinct from reported.numerator)
        or (merged.denominator is not null and merged.denominator is distinct from reported.denominator)
    )
