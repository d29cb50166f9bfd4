with gaps as (
    select * from {{ ref("int_kpi_gaps") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

kpis as (
    select
        kpis.*,
        coalesce(numerators.counted_vi, kpis.unit) as counted_vi
    from {{ ref("stg_kpis") }} as kpis
    left join {{ ref("stg_data_elements") }} as numerators on kpis.numerator_element = numerators.element_code
),

targets as (
    select * from {{ ref("int_targets") }}
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

measured_periods as (
    select
        kpi_code,
        basis,
        period_code,
        period_start,
        period_end,
        bool_or(period_known) as period_known,
        bool_or(period_known) and count(*) filter (where is_reported and no_value_reason is null) > 0 as has_values,
        count(value) as values_count,
        count(value) filter (where made_from = 'report') as reported_count
    from gaps
    group by kpi_code, basis, period_code, period_start, period_end
),

-- Of periods that end on one day the one with most values, first of those reported, stands for the latest.
periods as (
    select
        *,
        {{ period_name_vi("period_code", "period_start", "period_end", "period_known") }} as period_name_vi,
        {{ period_type("period_code") }} as period_type,
        has_values
        and row_number() over (
            partition by kpi_code, basis
            order by has_values desc, period_end desc, reported_count desc, values_count desc, period_code asc
        ) = 1 as is_latest_period
    from measured_periods
),

compared as (
    select
        gaps.*,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.agency_kind,
        kpis.kpi_name_vi,
        kpis.is_headline_kpi,
        kpis.counted_vi,
        case when gaps.unit = '%' then cast(gaps.value - gaps.required_value as decimal(28, 6)) end as gap_pp,
        gaps.is_primary
        and gap_pp is not null
        and agencies.agency_kind in ('ministry', 'ministry_level', 'government_agency', 'province') as is_counted,
        case when left(gaps.operator, 1) = '>' then '>=' else '<=' end as pace_operator,
        {{ all_meet("gaps.operator", "gaps.value_low", "gaps.value_high", "gaps.required_value") }} as is_surely_met,
        {{ none_meet(
            "gaps.operator", "gaps.value_low", "gaps.value_high", "gaps.required_value"
        ) }} as is_surely_short
    from gaps
    inner join agencies on gaps.agency_id = agencies.agency_id
    inner join kpis
        on
            gaps.kpi_code = kpis.kpi_code
            and gaps.period_end between kpis.valid_from and kpis.valid_until
),

-- What the figure of all agencies together would gain if this one reached its target: its shortfall, weighed by
-- its denominator, or, where one of them gave a percentage only, by one among those with a value.
effects as (
    select
        kpi_code,
        basis,
        period_code,
        coalesce(bool_and(denominator is not null) and sum(denominator) > 0, false) as is_weighted,
        sum(denominator) as denominators,
        count(*) as values_count
    from compared
    where is_counted
    group by kpi_code, basis, period_code
),

judged as (
    select
        *,
        {{ all_meet(
            "pace_operator",
            "value_low",
            "value_high",
            "case pace_operator when '>=' then expected_high else expected_low end"
        ) }} as is_surely_on_pace,
        {{ none_meet(
            "pace_operator",
            "value_low",
            "value_high",
            "case pace_operator when '>=' then expected_low else expected_high end"
        ) }} as is_surely_behind
    from compared
),

-- The first that applies. Where no value can be made there is no data, with the reason; a bound is a value, and
-- decides only where every value within it would.
decided as (
    select
        judged.*,
        case
            when judged.target_id is null then null
            when judged.no_value_reason = 'zero_denominator' then 'not_applicable'
            when not judged.is_reported and judged.period_end > parameters.as_of then 'not_due'
            when not judged.is_reported or judged.no_value_reason is not null then 'no_data'
            when judged.required_value is null then 'insufficient'
            when judged.is_surely_met then 'met'
            when not judged.is_surely_short then 'insufficient'
            when judged.period_end >= judged.deadline then 'missed'
            when judged.lacks_start then 'insufficient'
            when not judged.is_underway then 'behind'
            when judged.is_surely_on_pace then 'on_track'
            when judged.is_surely_behind then 'behind'
            else 'insufficient'
        end as status
    from judged
    cross join parameters
),

explained as (
    select
        *,
        cast(
            case
                when value is null then null
                when kpi_kind = 'ratio'
                    then numerator - {{ required_units("operator", "required_value", "denominator") }}
                when unit <> '%' then value - required_value
            end
            as decimal(28, 6)
        ) as gap_units,
        case
            when projected_value is null or required_value is null then null
            when {{ all_meet("operator", "projected_value", "projected_value", "required_value") }} then 'met'
            else 'missed'
        end as projected_status,
        case
            when status is null or status not in ('not_applicable', 'no_data', 'insufficient') then null
            when no_value_reason is not null or status = 'no_data' then no_value_reason
            when required_value is null then 'no_baseline'
            when not is_surely_short then 'bound'
            when lacks_start then 'no_start_date'
            else 'bound'
        end as status_reason,
        case
            when not is_counted or status = 'met' then null
            when target_operator like '<%' and gap_pp > 0 then gap_pp
            when target_operator not like '<%' and gap_pp < 0 then -gap_pp
        end as shortfall
    from decided
),

final as (
    select
        {{ surrogate_key([
            "explained.agency_id",
            "explained.kpi_code",
            "explained.period_code",
            "explained.basis",
            "explained.target_id",
        ]) }} as gap_key,
        explained.agency_id,
        explained.agency_code,
        explained.agency_name_vi,
        explained.agency_kind,
        {{ agency_kind_vi("explained.agency_kind") }} as agency_kind_vi,
        explained.kpi_code,
        explained.kpi_name_vi,
        explained.unit,
        explained.is_headline_kpi,
        explained.period_code,
        periods.period_name_vi,
        explained.period_start,
        explained.period_end,
        periods.period_type,
        periods.is_latest_period,
        explained.basis,
        explained.source,
        explained.numerator,
        explained.denominator,
        explained.value,
        explained.value_low,
        explained.value_high,
        explained.bound,
        explained.value_as_printed,
        case
            when not explained.is_reported then 'Chưa có số liệu'
            when explained.no_value_reason is not null then 'Không tính được'
            else {{ value_text_vi(
                "explained.value", "explained.bound", "explained.value_low", "explained.value_high", "explained.unit"
            ) }}
        end as value_text_vi,
        explained.target_id,
        targets.target_name_vi,
        explained.target_operator,
        case
            when explained.target_operator = '>=x_baseline' then explained.required_value
            else explained.target_value
        end as target_value,
        case
            when explained.target_operator = '>=x_baseline'
                then '≥ ' || {{ vi_number("explained.target_value") }} || ' lần kỳ gốc'
            else
                replace(replace(explained.target_operator, '>=', '≥'), '<=', '≤')
                || ' '
                || {{ vi_number("explained.target_value") }}
                || case when explained.unit = '%' then ' %' else '' end
        end as target_text_vi,
        explained.baseline_value,
        explained.baseline_period_code,
        explained.gap_pp,
        explained.gap_units,
        case when explained.bound in ('=', '≈') then {{ gap_units_text_vi(
            "explained.operator",
            "explained.gap_units",
            "explained.required_value",
            "explained.bound",
            "explained.counted_vi"
        ) }} end as gap_units_text_vi,
        explained.expected_value,
        explained.required_pace_per_30_days,
        explained.observed_pace_per_30_days,
        explained.projected_value,
        explained.projection_method,
        {{ projection_method_vi("explained.projection_method") }} as projection_method_vi,
        explained.projected_status,
        {{ label_vi("explained.projected_status", {"met": "Dự kiến đạt", "missed": "Dự kiến không đạt"}) }}
            as projected_status_vi,
        explained.deadline,
        explained.status,
        {{ status_vi("explained.status") }} as status_vi,
        explained.status_reason,
        {{ status_reason_vi("explained.status_reason") }} as status_reason_vi,
        explained.is_primary,
        explained.made_from,
        explained.parts_count,
        explained.parts_expected,
        explained.weight_coverage_pct,
        explained.series_segment,
        explained.is_corrected,
        targets.legal_basis,
        explained.submission_id,
        case
            when effects.is_weighted
                then
                    cast(
                        cast(explained.shortfall as double) * explained.denominator / effects.denominators
                        as decimal(18, 6)
                    )
            else cast(cast(explained.shortfall as double) / effects.values_count as decimal(18, 6))
        end as effect_pp,
        case when explained.is_counted then effects.is_weighted end as is_effect_weighted
    from explained
    left join targets on explained.target_id = targets.target_id
    inner join periods
        on
            explained.kpi_code = periods.kpi_code
            and explained.basis = periods.basis
            and explained.period_code = periods.period_code
    left join effects
        on
            explained.kpi_code = effects.kpi_code
            and explained.basis = effects.basis
            and explained.period_code = effects.period_code
)

select * from final
