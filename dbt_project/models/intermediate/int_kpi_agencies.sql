-- Which agencies are asked for the figures of a KPI: those the catalogue names, or all where it names none.
with formulas as (
    select
        kpi_code,
        formula_version,
        asked_of
    from {{ ref("int_kpi_formulas") }}
    where adds_up_over_agencies
),

agencies as (
    select * from {{ ref("int_agencies") }}
    where agency_kind <> 'collective'
),

scopes as (
    select
        kpi_code,
        formula_version,
        {{ unnested("asked_of") }} as item
    from formulas
),

final as (
    select distinct
        scopes.kpi_code,
        scopes.formula_version,
        agencies.agency_id
    from scopes
    inner join agencies on {{ names_agency("scopes.item", "agencies") }}
    union all
    select
        formulas.kpi_code,
        formulas.formula_version,
        agencies.agency_id
    from formulas
    cross join agencies
    where coalesce({{ list_length("formulas.asked_of") }}, 0) = 0
)

select * from final
