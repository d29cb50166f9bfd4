with kpis as (
    select * from {{ ref("stg_kpis") }}
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

-- A formula that changed has several rows in the catalogue; readers see the one in force on the as-of day.
ordered as (
    select
        kpis.*,
        row_number() over (
            partition by kpis.kpi_code
            order by
                parameters.as_of between kpis.valid_from and kpis.valid_until desc,
                kpis.valid_from desc,
                kpis.formula_version desc
        ) as best_first
    from kpis
    cross join parameters
),

final as (
    select
        kpi_code,
        kpi_name_vi,
        kpi_name_en,
        kpi_kind,
        unit,
        direction,
        formula_version,
        numerator_element,
        denominator_element,
        of_kpi,
        compared_with,
        definition_vi,
        formula_vi,
        is_headline_kpi,
        system_code,
        legal_basis
    from ordered
    where best_first = 1
)

select * from final
