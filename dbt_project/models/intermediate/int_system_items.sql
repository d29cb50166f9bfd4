-- What is followed about each system, with the data elements its figures are made of.
with items as (
    select * from {{ ref("stg_system_items") }}
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

kpis as (
    select
        kpis.kpi_code,
        kpis.kpi_kind,
        kpis.unit,
        kpis.numerator_element,
        kpis.denominator_element
    from {{ ref("stg_kpis") }} as kpis
    inner join parameters on parameters.as_of between kpis.valid_from and kpis.valid_until
),

data_elements as (
    select * from {{ ref("stg_data_elements") }}
),

final as (
    select
        items.system_code,
        items.item_code,
        items.measure_kind,
        items.kpi_code,
        items.target_id,
        kpis.kpi_kind,
        kpis.denominator_element,
        coalesce(items.kpi_code, items.element_code) as measure_code,
        coalesce(items.element_code, kpis.numerator_element) as element_code,
        coalesce(kpis.unit, data_elements.unit) as unit,
        coalesce(data_elements.agency_aggregation = 'none', false) as is_about_groups
    from items
    left join kpis on items.kpi_code = kpis.kpi_code
    left join data_elements on coalesce(items.element_code, kpis.numerator_element) = data_elements.element_code
)

select * from final
