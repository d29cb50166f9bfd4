-- MODEL-06: a ratio far from those of the agencies of its group, by the modified z-score M of Iglewicz and Hoaglin
-- (1993): 0.6745 times the distance to the median, over the median absolute deviation. Where more than half of the
-- values are the same, the deviation is 0 and nothing is an outlier.
with limits as (
    {{ limits_of("MODEL-06") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
    where rank_group is not null
),

kpis as (
    select * from {{ ref("stg_kpis") }}
    where kpi_kind = 'ratio'
),

ratios as (
    select
        kpi_values.*,
        agencies.rank_group
    from {{ ref("int_kpi_values") }} as kpi_values
    inner join agencies on kpi_values.agency_id = agencies.agency_id
    inner join kpis
        on kpi_values.kpi_code = kpis.kpi_code and kpi_values.formula_version = kpis.formula_version
    where
        kpi_values.basis = 'reported'
        and kpi_values.made_from = 'report'
        and kpi_values.is_headline
        and kpi_values.bound = '='
        and kpi_values.period_known
        and kpi_values.value between 0 and 100
),

medians as (
    select
        kpi_code,
        period_code,
        rank_group,
        count(*) as values_count,
        {{ median_number("value") }} as median_value
    from ratios
    group by kpi_code, period_code, rank_group
),

deviating as (
    select
        ratios.*,
        medians.values_count,
        medians.median_value,
        abs(ratios.value - medians.median_value) as deviation
    from ratios
    inner join medians
        on
            ratios.kpi_code = medians.kpi_code
            and ratios.period_code = medians.period_code
            and ratios.rank_group = medians.rank_group
    inner join limits on medians.values_count >= limits.minimum
),

spreads as (
    select
        kpi_code,
        period_code,
        rank_group,
        {{ median_number("deviation") }} as median_deviation
    from deviating
    group by kpi_code, period_code, rank_group
),

outliers as (
    select
        deviating.*,
        spreads.median_deviation,
        {{ divide("deviating.deviation * 0.6745", "spreads.median_deviation") }} as score
    from deviating
    inner join spreads
        on
            deviating.kpi_code = spreads.kpi_code
            and deviating.period_code = spreads.period_code
            and deviating.rank_group = spreads.rank_group
    inner join limits on deviating.deviation * 0.6745 > limits.threshold * spreads.median_deviation
    where spreads.median_deviation > 0
),

final as (
    select
        'MODEL-06' as rule_id,
        agency_id,
        period_code,
        kpi_code,
        submission_id,
        {{ vi_number_2("value") }} || ' %' as found,
        'trung vị của ' || values_count || ' cơ quan: ' || {{ vi_number_2("median_value") }}
        || ' %; trung vị của độ lệch tuyệt đối: ' || {{ vi_number_2("median_deviation") }}
        || '; |M| = ' || {{ vi_number_2("score") }} as expected
    from outliers
)

select * from final
