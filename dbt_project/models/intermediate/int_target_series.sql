-- Where a series of comparable values stood when a target took effect (baseline), and what came first after that.
-- Comparable are values of one agency, KPI, basis and stretch of the series, over periods of one family; a rate up to
-- a day, without a first day, may be compared with rates of any period.
with target_values as (
    select * from {{ ref("int_target_values") }}
),

targets as (
    select * from {{ ref("int_targets") }}
),

series as (
    select distinct
        agency_id,
        kpi_code,
        basis,
        target_id,
        series_segment,
        period_family,
        kpi_kind
    from target_values
    where target_id is not null
),

known_values as (
    select
        kpi_values.agency_id,
        kpi_values.kpi_code,
        kpi_values.basis,
        kpi_values.series_segment,
        kpi_values.period_code,
        kpi_values.period_start,
        kpi_values.period_end,
        kpi_values.value,
        kpi_values.value_low,
        kpi_values.value_high,
        kpi_values.bound,
        {{ period_family("kpi_values.period_code", "kpi_values.period_start", "kpis.kpi_kind <> 'count'") }}
            as period_family,
        {{ running_family("kpi_values.period_start", "kpis.kpi_kind <> 'count'") }} as running_family
    from {{ ref("int_kpi_values") }} as kpi_values
    inner join {{ ref("stg_kpis") }} as kpis
        on kpi_values.kpi_code = kpis.kpi_code and kpi_values.formula_version = kpis.formula_version
    where kpi_values.is_headline and kpi_values.value is not null and kpi_values.period_known
),

member_values as (
    select
        {{ all_but(["running_family"]) }},
        period_family as compared_as
    from known_values
    union all
    select
        {{ all_but(["running_family"]) }},
        running_family as compared_as
    from known_values
    where running_family <> period_family
),

earlier_values as (
    select
        member_values.*,
        targets.target_id,
        row_number() over (
            partition by
                member_values.agency_id,
                member_values.kpi_code,
                member_values.basis,
                member_values.series_segment,
                member_values.compared_as,
                targets.target_id
            order by
                member_values.period_end desc,
                member_values.period_start desc nulls last,
                member_values.period_code asc
        ) as newest_first
    from member_values
    inner join targets
        on
            member_values.kpi_code = targets.kpi_code
            and member_values.period_end <= targets.effective_from
    where not targets.is_milestone
),

baselines as (
    select
        series.agency_id,
        series.kpi_code,
        series.basis,
        series.target_id,
        series.series_segment,
        series.period_family,
        earlier_values.value,
        earlier_values.value_low,
        earlier_values.value_high,
        earlier_values.bound,
        earlier_values.period_code,
        earlier_values.period_end,
        row_number() over (
            partition by
                series.agency_id,
                series.kpi_code,
                series.basis,
                series.target_id,
                series.series_segment,
                series.period_family
            order by
                earlier_values.period_end desc,
                earlier_values.compared_as = series.period_family desc,
                earlier_values.period_start desc nulls last,
                earlier_values.period_code asc
        ) as best_first
    from series
    inner join earlier_values
        on
            series.agency_id = earlier_values.agency_id
            and series.kpi_code = earlier_values.kpi_code
            and series.basis = earlier_values.basis
            and series.target_id = earlier_values.target_id
            and series.series_segment = earlier_values.series_segment
            and (
                series.period_family = earlier_values.compared_as
                or (series.kpi_kind <> 'count' and 'stock' in (series.period_family, earlier_values.compared_as))
            )
    where earlier_values.newest_first = 1
),

first_values as (
    select
        member_values.agency_id,
        member_values.kpi_code,
        member_values.basis,
        targets.target_id,
        member_values.series_segment,
        member_values.compared_as as period_family,
        member_values.value,
        member_values.period_end,
        row_number() over (
            partition by
                member_values.agency_id,
                member_values.kpi_code,
                member_values.basis,
                member_values.series_segment,
                member_values.compared_as,
                targets.target_id
            order by
                member_values.period_end asc,
                member_values.period_start desc nulls last,
                member_values.period_code asc
        ) as oldest_first
    from member_values
    inner join targets
        on
            member_values.kpi_code = targets.kpi_code
            and member_values.period_end between targets.valid_from and targets.valid_until
    where member_values.bound = '=' and not targets.is_milestone
),

final as (
    select
        series.agency_id,
        series.kpi_code,
        series.basis,
        series.target_id,
        series.series_segment,
        series.period_family,
        baselines.value as baseline_value,
        baselines.value_low as baseline_low,
        baselines.value_high as baseline_high,
        baselines.bound as baseline_bound,
        baselines.period_code as baseline_period_code,
        baselines.period_end as baseline_on,
        first_values.value as first_value,
        first_values.period_end as first_on
    from series
    left join baselines
        on
            series.agency_id = baselines.agency_id
            and series.kpi_code = baselines.kpi_code
            and series.basis = baselines.basis
            and series.target_id = baselines.target_id
            and series.series_segment = baselines.series_segment
            and series.period_family = baselines.period_family
            and baselines.best_first = 1
    left join first_values
        on
            series.agency_id = first_values.agency_id
            and series.kpi_code = first_values.kpi_code
            and series.basis = first_values.basis
            and series.target_id = first_values.target_id
            and series.series_segment = first_values.series_segment
            and series.period_family = first_values.period_family
            and first_values.oldest_first = 1
)

select * from final
