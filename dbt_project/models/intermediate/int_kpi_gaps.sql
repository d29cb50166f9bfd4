-- Headline values, and their absence, against every target that applies, with the figures a status is judged by.
with headline_values as (
    select * from {{ ref("int_kpi_values") }}
    where is_headline
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

kpis as (
    select * from {{ ref("stg_kpis") }}
),

targets as (
    select
        *,
        case issuing_level when 'national' then 1 when 'ministry' then 2 else 3 end as issuing_rank
    from {{ ref("int_targets") }}
    where not is_milestone and operator is not null and target_value is not null
),

measured_periods as (
    select distinct
        kpi_code,
        basis,
        {{ lake_period() }}
    from headline_values
),

-- On today's basis a target stays with the agency that took over.
in_scope as (
    select
        measured_periods.*,
        targets.target_id,
        case measured_periods.basis when 'current' then agencies.current_agency_id else agencies.agency_id end
            as agency_id,
        min(target_agencies.scope_rank) as scope_rank
    from measured_periods
    inner join targets
        on
            measured_periods.kpi_code = targets.kpi_code
            and measured_periods.period_end between targets.valid_from and targets.valid_until
    inner join {{ ref("int_target_agencies") }} as target_agencies on targets.target_id = target_agencies.target_id
    inner join agencies
        on
            target_agencies.agency_id = agencies.agency_id
            and measured_periods.period_end between agencies.valid_from and agencies.valid_until
    where measured_periods.basis = 'reported' or agencies.current_agency_id is not null
    group by all
),

compared as (
    select
        in_scope.target_id,
        in_scope.scope_rank,
        headline_values.formula_version,
        headline_values.source,
        headline_values.numerator,
        headline_values.denominator,
        headline_values.value,
        headline_values.value_low,
        headline_values.value_high,
        headline_values.bound,
        headline_values.value_as_printed,
        headline_values.no_value_reason,
        headline_values.submission_id,
        headline_values.kpi_code is not null as is_reported,
        coalesce(in_scope.agency_id, headline_values.agency_id) as agency_id,
        coalesce(in_scope.kpi_code, headline_values.kpi_code) as kpi_code,
        coalesce(in_scope.basis, headline_values.basis) as basis,
        coalesce(in_scope.period_code, headline_values.period_code) as period_code,
        coalesce(in_scope.period_start, headline_values.period_start) as period_start,
        coalesce(in_scope.period_end, headline_values.period_end) as period_end,
        coalesce(in_scope.period_known, headline_values.period_known) as period_known
    from in_scope
    full outer join headline_values
        on
            in_scope.agency_id = headline_values.agency_id
            and in_scope.kpi_code = headline_values.kpi_code
            and in_scope.basis = headline_values.basis
            and in_scope.period_code = headline_values.period_code
    -- Nobody is absent from an undated statement: it asked nobody for that period.
    where headline_values.kpi_code is not null or in_scope.period_known
),

-- The last value known at or before the day a target took effect: where the pace starts from.
baselines as (
    select
        compared.agency_id,
        compared.kpi_code,
        compared.basis,
        targets.target_id,
        earlier.value,
        earlier.value_low,
        earlier.value_high,
        earlier.bound,
        row_number() over (
            partition by compared.agency_id, compared.kpi_code, compared.basis, targets.target_id
            order by earlier.period_end desc, earlier.period_start desc nulls last, earlier.period_code asc
        ) as newest_first
    from (
        select distinct
            agency_id,
            kpi_code,
            basis,
            target_id
        from compared
    ) as compared
    inner join targets on compared.target_id = targets.target_id
    inner join headline_values as earlier
        on
            compared.agency_id = earlier.agency_id
            and compared.kpi_code = earlier.kpi_code
            and compared.basis = earlier.basis
            and targets.effective_from >= earlier.period_end
    where earlier.value is not null and earlier.period_known
),

required as (
    select
        compared.*,
        targets.operator as target_operator,
        targets.target_value,
        targets.effective_from,
        targets.deadline,
        baselines.value as baseline_value,
        baselines.value_low as baseline_low,
        baselines.value_high as baseline_high,
        case targets.operator
            when '=' then case kpis.direction when 'lower' then '<=' else '>=' end
            when '>=x_baseline' then '>='
            else targets.operator
        end as operator,
        case
            when targets.operator <> '>=x_baseline' then targets.target_value
            when baselines.bound = '=' then cast(targets.target_value * baselines.value as decimal(28, 6))
        end as required_value,
        row_number() over (
            partition by compared.agency_id, compared.kpi_code, compared.basis, compared.period_code
            order by
                targets.issuing_rank asc,
                compared.scope_rank asc,
                targets.effective_from desc nulls last,
                targets.deadline asc nulls last,
                targets.target_id asc
        ) = 1 as is_primary
    from compared
    inner join kpis
        on
            compared.kpi_code = kpis.kpi_code
            and compared.period_end between kpis.valid_from and kpis.valid_until
    left join targets on compared.target_id = targets.target_id
    left join baselines
        on
            compared.target_id = baselines.target_id
            and compared.agency_id = baselines.agency_id
            and compared.basis = baselines.basis
            and baselines.newest_first = 1
),

-- Days are counted to their end, so that on the deadline the whole time has elapsed. An uncertain start gives
-- an uncertain pace, never beyond the target itself.
paced as (
    select
        *,
        deadline is not null and effective_from is null as lacks_start,
        deadline is not null and effective_from is not null and period_end < deadline as is_underway,
        {{ pace("coalesce(baseline_value, 0)") }} as pace_value,
        {{ pace("case when baseline_value is null then 0 else coalesce(baseline_low, 0) end") }} as pace_low,
        {{ pace(
            "case when baseline_value is null then 0 else coalesce(baseline_high, required_value) end"
        ) }} as pace_high
    from required
),

final as (
    select
        agency_id,
        kpi_code,
        formula_version,
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
        submission_id,
        is_reported,
        target_id,
        target_operator,
        target_value,
        operator,
        required_value,
        effective_from,
        deadline,
        is_primary,
        is_underway,
        lacks_start and period_end < deadline as lacks_start,
        case when is_underway then pace_value when not lacks_start or period_end >= deadline then required_value end
            as expected_value,
        case when is_underway then least(pace_low, pace_high) else required_value end as expected_low,
        case when is_underway then greatest(pace_low, pace_high) else required_value end as expected_high
    from paced
)

select * from final
