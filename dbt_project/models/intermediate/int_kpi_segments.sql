-- The stretches of time in which a KPI counts the same things: a new one begins at every break of its series.
with kpis as (
    select distinct kpi_code
    from {{ ref("stg_kpis") }}
),

starts as (
    select
        kpi_code,
        date '0001-01-01' as starts_on,
        cast(null as {{ dbt.type_string() }}) as break_reason_vi
    from kpis
    union all
    select
        kpi_code,
        break_on as starts_on,
        reason_vi as break_reason_vi
    from {{ ref("stg_series_breaks") }}
),

final as (
    select
        kpi_code,
        starts_on,
        break_reason_vi,
        row_number() over (partition by kpi_code order by starts_on) as series_segment,
        coalesce(
            cast(lead(starts_on) over (partition by kpi_code order by starts_on) - interval 1 day as date),
            date '9999-12-31'
        ) as ends_on
    from starts
)

select * from final
