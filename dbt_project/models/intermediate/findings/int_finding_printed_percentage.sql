-- MODEL-01: a printed percentage that is not the quotient of the fraction it stands for.
with kpi_values as (
    select * from {{ ref("int_kpi_values") }}
    where basis = 'reported' and made_from = 'report' and not is_stated_consistent
),

final as (
    select
        'MODEL-01' as rule_id,
        agency_id,
        period_code,
        kpi_code,
        submission_id,
        {{ vi_number("stated_value") }} || ' %' as found,
        {{ vi_number_2("value") }} || ' %' as expected,
        {{ vi_number("numerator") }} || '/' || {{ vi_number("denominator") }} as evidence
    from kpi_values
)

select * from final
