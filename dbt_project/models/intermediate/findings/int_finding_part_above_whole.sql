-- MODEL-02: a numerator larger than the denominator it is a part of.
with kpi_values as (
    select kpi_values.*
    from {{ ref("int_kpi_values") }} as kpi_values
    inner join {{ ref("stg_kpis") }} as kpis
        on kpi_values.kpi_code = kpis.kpi_code and kpi_values.formula_version = kpis.formula_version
    where
        kpi_values.basis = 'reported'
        and kpi_values.made_from = 'report'
        and kpis.kpi_kind = 'ratio'
        and kpi_values.numerator > kpi_values.denominator
),

final as (
    select
        'MODEL-02' as rule_id,
        agency_id,
        period_code,
        kpi_code,
        submission_id,
        source as row_key,
        {{ vi_number("numerator") }} as found,
        {{ vi_number("denominator") }} as expected
    from kpi_values
)

select * from final
