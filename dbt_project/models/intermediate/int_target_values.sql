-- Headline values, and their absence, against every target that applies.
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

segments as (
    select * from {{ ref("int_kpi_segments") }}
),

targets as (
    select * from {{ ref("int_targets") }}
    where not is_milestone and operator is not null and target_value is not null
),

bases as (
    select distinct basis
    from headline_values
),

-- A statement without a period may end on the day of one that has it.
measured_periods as (
    select
        kpi_code,
        basis,
        period_code,
        period_start,
        period_end,
        bool_or(period_known) as period_known
    from headline_values
    group by kpi_code, basis, period_code, period_start, period_end
),

-- On today's basis a target stays with the agency that took over.
bound_agencies as (
    select
        target_agencies.target_id,
        target_agencies.scope_rank,
        bases.basis,
        agencies.valid_from,
        agencies.valid_until,
        case bases.basis when 'current' then agencies.current_agency_id else agencies.agency_id end as agency_id
    from {{ ref("int_target_agencies") }} as target_agencies
    inner join agencies on target_agencies.agency_id = agencies.agency_id
    cross join bases
    where bases.basis = 'reported' or agencies.current_agency_id is not null
),

in_scope as (
    select
        measured_periods.kpi_code,
        measured_periods.basis,
        measured_periods.period_code,
        measured_periods.period_start,
        measured_periods.period_end,
        measured_periods.period_known,
        targets.target_id,
        bound_agencies.agency_id,
        min(bound_agencies.scope_rank) as scope_rank
    from measured_periods
    inner join targets
        on
            measured_periods.kpi_code = targets.kpi_code
            and measured_periods.period_end between targets.valid_from and targets.valid_until
    inner join bound_agencies
        on
            targets.target_id = bound_agencies.target_id
            and measured_periods.basis = bound_agencies.basis
            and measured_periods.period_end between bound_agencies.valid_from and bound_agencies.valid_until
    group by all
),

compared as (
    select
        in_scope.target_id,
        in_scope.scope_rank,
        headline_values.source,
        headline_values.numerator,
        headline_values.denominator,
        headline_values.value,
        headline_values.value_low,
        headline_values.value_high,
        headline_values.bound,
        headline_values.value_as_printed,
        headline_values.no_value_reason,
        headline_values.made_from,
        headline_values.parts_count,
        headline_values.parts_expected,
        headline_values.weight_coverage_pct,
        headline_values.is_corrected,
        headline_values.series_segment as value_segment,
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

final as (
    select
        compared.agency_id,
        compared.kpi_code,
        compared.basis,
        compared.period_code,
        compared.period_start,
        compared.period_end,
        compared.period_known,
        compared.target_id,
        compared.scope_rank,
        compared.source,
        compared.numerator,
        compared.denominator,
        compared.value,
        compared.value_low,
        compared.value_high,
        compared.bound,
        compared.value_as_printed,
        compared.no_value_reason,
        compared.made_from,
        compared.parts_count,
        compared.parts_expected,
        compared.weight_coverage_pct,
        compared.is_corrected,
        compared.submission_id,
        compared.is_reported,
        kpis.formula_version,
        kpis.kpi_kind,
        kpis.unit,
        kpis.direction,
        coalesce(compared.value_segment, segments.series_segment) as series_segment,
        {{ period_family("compared.period_code", "compared.period_start", "kpis.kpi_kind <> 'count'") }}
            as period_family,
        {{ running_family("compared.period_start", "kpis.kpi_kind <> 'count'") }} as running_family
    from compared
    inner join kpis
        on
            compared.kpi_code = kpis.kpi_code
            and compared.period_end between kpis.valid_from and kpis.valid_until
    left join segments
        on
            compared.kpi_code = segments.kpi_code
            and compared.period_end between segments.starts_on and segments.ends_on
)

select * from final
