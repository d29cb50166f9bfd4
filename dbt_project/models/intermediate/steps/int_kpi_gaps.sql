-- Values against targets with the figures a status is judged by, and where they lead if they go on as they did.
{%- set carried %}agency_id,
kpi_code,
formula_version,
kpi_kind,
unit,
basis,
{{ lake_period() }},
source,
numerator,
denominator,
value,
value_low,
value_high,
bound,
value_as_printed,
no_value_reason,
made_from,
parts_count,
parts_expected,
weight_coverage_pct,
series_segment,
is_corrected,
submission_id,
is_reported,
target_id,
{%- endset %}
with target_values as (
    select * from {{ ref("int_target_values") }}
),

targets as (
    select * from {{ ref("int_targets") }}
),

series as (
    select * from {{ ref("int_target_series") }}
),

index_maxima as (
    select
        index_code,
        formula_version,
        {{ sum_number("max_score") }} as max_score
    from {{ ref("stg_index_components") }}
    group by index_code, formula_version
),

required as (
    select
        target_values.*,
        targets.operator as target_operator,
        targets.target_value,
        targets.effective_from,
        targets.deadline,
        series.baseline_value,
        series.baseline_low,
        series.baseline_high,
        series.baseline_period_code,
        index_maxima.max_score,
        case targets.operator
            when '=' then case target_values.direction when 'lower' then '<=' else '>=' end
            when '>=x_baseline' then '>='
            else targets.operator
        end as operator,
        case
            when targets.operator <> '>=x_baseline' then targets.target_value
            when series.baseline_bound = '='
                then cast(targets.target_value * series.baseline_value as decimal(28, 6))
        end as required_value,
        case
            when series.first_on < target_values.period_end then series.first_value
            when series.baseline_bound = '=' then series.baseline_value
        end as line_value,
        case
            when series.first_on < target_values.period_end then series.first_on
            when series.baseline_bound = '=' then series.baseline_on
        end as line_from,
        case
            when series.first_on < target_values.period_end then 'line_from_first_value'
            when series.baseline_bound = '=' then 'line_from_baseline'
        end as line_method,
        row_number() over (
            partition by
                target_values.agency_id, target_values.kpi_code, target_values.basis, target_values.period_code
            order by
                targets.issuing_rank asc,
                target_values.scope_rank asc,
                targets.effective_from desc nulls last,
                targets.deadline asc nulls last,
                targets.target_id asc
        ) = 1 as is_primary
    from target_values
    inner join targets on target_values.target_id = targets.target_id
    left join index_maxima
        on
            target_values.kpi_code = index_maxima.index_code
            and target_values.formula_version = index_maxima.formula_version
    left join series
        on
            target_values.target_id = series.target_id
            and target_values.agency_id = series.agency_id
            and target_values.kpi_code = series.kpi_code
            and target_values.basis = series.basis
            and target_values.series_segment = series.series_segment
            and target_values.period_family = series.period_family
),

timed as (
    select
        *,
        deadline is not null and effective_from is null as lacks_start,
        deadline is not null and effective_from is not null and period_end < deadline as is_underway,
        value is not null and bound in ('=', '≈') and period_known and period_end < deadline as can_still_move
    from required
),

-- Days are counted to their end, so that on the deadline the whole time has elapsed. An uncertain start gives
-- an uncertain pace, never beyond the target itself.
paced as (
    select
        *,
        coalesce(can_still_move and bound = '=' and period_end > line_from, false) as has_line,
        case when is_underway then {{ pace("coalesce(baseline_value, 0)") }} end as pace_value,
        case
            when is_underway
                then {{ pace("case when baseline_value is null then 0 else coalesce(baseline_low, 0) end") }}
        end as pace_low,
        case
            when is_underway
                then {{ pace(
                    "case when baseline_value is null then 0 else coalesce(baseline_high, required_value) end"
                ) }}
        end as pace_high
    from timed
),

extended as (
    select
        *,
        case when has_line then {{ line_at("line_value", "line_from", "value", "period_end", "deadline") }} end
            as line_end,
        case when has_line then {{ per_30_days("value - line_value", days_between("line_from", "period_end")) }} end
            as observed_pace_per_30_days,
        case
            when can_still_move and required_value is not null
                then {{ per_30_days(
                    shortfall("operator", "value", "required_value"), days_between("period_end", "deadline")
                ) }}
        end as required_pace_per_30_days
    from paced
),

final as (
    select
        {{ carried | indent(8) }}
        target_operator,
        target_value,
        operator,
        required_value,
        baseline_value,
        baseline_period_code,
        effective_from,
        deadline,
        is_primary,
        is_underway,
        observed_pace_per_30_days,
        required_pace_per_30_days,
        lacks_start and period_end < deadline as lacks_start,
        case when is_underway then pace_value when not lacks_start or period_end >= deadline then required_value end
            as expected_value,
        case when is_underway then least(pace_low, pace_high) else required_value end as expected_low,
        case when is_underway then greatest(pace_low, pace_high) else required_value end as expected_high,
        case
            when kpi_kind = 'growth' or line_end is null then line_end
            else greatest(least(line_end, case kpi_kind when 'ratio' then 100 else max_score end), 0)
        end as projected_value,
        case when has_line then line_method end as projection_method
    from extended
    union all
    select
        {{ carried | indent(8) }}
        {{ nulls([
            "target_operator", "target_value", "operator", "required_value", "baseline_value",
            "baseline_period_code", "effective_from", "deadline"
        ]) }},
        true as is_primary,
        false as is_underway,
        null as observed_pace_per_30_days,
        null as required_pace_per_30_days,
        false as lacks_start,
        {{ nulls(["expected_value", "expected_low", "expected_high", "projected_value", "projection_method"]) }}
    from target_values
    where target_id is null
)

select * from final
