-- Which figures move a KPI: its own elements or what is stated of it, those of the KPI it compares in time, and
-- those of the components it adds up.
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
    union
    select
        index_code as kpi_code,
        kpi_code as by_kpi_code
    from {{ ref("stg_index_components") }}
),

elements as (
    select
        moved_by.kpi_code,
        {{ unnested_values(["kpis.kpi_code", "kpis.numerator_element", "kpis.denominator_element"]) }} as element_code
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
