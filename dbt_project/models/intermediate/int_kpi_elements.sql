-- Which figures move a KPI: its own elements or what is stated of it, and those of the KPI it compares in time.
with kpis as (
    select * from {{ ref("stg_kpis") }}
),

moved_by as (
    select
        kpi_code,
        kpi_code as by_kpi_code
    from kpis
    union
    select
        kpi_code,
        of_kpi as by_kpi_code
    from kpis
    where of_kpi is not null
),

elements as (
    select
        moved_by.kpi_code,
        unnest([kpis.kpi_code, kpis.numerator_element, kpis.denominator_element]) as element_code
    from moved_by
    inner join kpis on moved_by.by_kpi_code = kpis.kpi_code
),

final as (
    select distinct
        kpi_code,
        element_code
    from elements
    where element_code is not null
)

select * from final
