-- The gap table shows every headline value, none twice against one target, and none that is not there.
with headline_values as (
    select
        kpi_code,
        basis,
        period_code,
        count(*) as values_count,
        sum(value) as total
    from {{ ref("fct_kpi_value") }}
    where is_headline
    group by kpi_code, basis, period_code
),

gaps as (
    select
        kpi_code,
        basis,
        period_code,
        count(source) as values_count,
        sum(value) as total
    from {{ ref("fct_kpi_gap") }}
    where is_primary
    group by kpi_code, basis, period_code
)

select
    headline_values.*,
    gaps.values_count as gap_values_count,
    gaps.total as gap_total
from headline_values
full outer join gaps
    on
        headline_values.kpi_code = gaps.kpi_code
        and headline_values.basis = gaps.basis
        and headline_values.period_code = gaps.period_code
where
    headline_values.values_count is distinct from gaps.values_count
    or headline_values.total is distinct from gaps.total
