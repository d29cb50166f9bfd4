-- What readers are given of each value: the headline value or its absence, its status by the primary target, its
-- rank. A publication is kept in this shape, and compared with the next one in it.
with gaps as (
    select * from {{ ref("fct_kpi_gap") }}
    where is_primary
),

kpi_values as (
    select * from {{ ref("fct_kpi_value") }}
    where is_headline
),

ranks as (
    select * from {{ ref("fct_kpi_rank") }}
    where rank is not null
),

final as (
    select
        gaps.agency_id,
        gaps.kpi_code,
        gaps.period_code,
        gaps.period_start,
        gaps.period_end,
        gaps.basis,
        gaps.source,
        gaps.value,
        gaps.bound,
        gaps.numerator,
        gaps.denominator,
        kpi_values.no_value_reason,
        gaps.status,
        gaps.target_id,
        gaps.target_value,
        ranks.rank,
        kpi_values.formula_version,
        gaps.submission_id,
        coalesce(kpi_values.period_known, true) as period_known,
        case when gaps.bound <> '=' then gaps.value_low end as value_low,
        case when gaps.bound <> '=' then gaps.value_high end as value_high
    from gaps
    left join kpi_values
        on
            gaps.agency_id = kpi_values.agency_id
            and gaps.kpi_code = kpi_values.kpi_code
            and gaps.period_code = kpi_values.period_code
            and gaps.basis = kpi_values.basis
    left join ranks
        on
            gaps.agency_id = ranks.agency_id
            and gaps.kpi_code = ranks.kpi_code
            and gaps.period_code = ranks.period_code
            and gaps.basis = ranks.basis
)

select * from final
