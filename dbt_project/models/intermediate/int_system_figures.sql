-- The newest known figure of each indicator and data element that is followed about a system, for each agency. Of
-- periods that end on one day the shortest counts: longer ones are made from it.
with followed as (
    select distinct
        measure_kind,
        measure_code,
        kpi_kind
    from {{ ref("int_system_items") }}
    where measure_kind <> 'milestone'
),

submissions as (
    select * from {{ ref("int_submissions") }}
    where is_current
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

kpi_figures as (
    select
        kpi_values.agency_id,
        kpi_values.period_code,
        kpi_values.period_start,
        kpi_values.period_end,
        kpi_values.period_known,
        kpi_values.source,
        kpi_values.reported_by,
        kpi_values.submission_id,
        kpi_values.known_from,
        kpi_values.numerator,
        kpi_values.denominator,
        kpi_values.value,
        kpi_values.value_low,
        kpi_values.value_high,
        kpi_values.bound,
        kpi_values.value_as_printed,
        kpi_values.no_value_reason,
        followed.measure_kind,
        followed.measure_code,
        case when followed.kpi_kind = 'milestone' then kpi_values.value_as_printed end as state_vi,
        cast(null as date) as done_on,
        cast(null as {{ dbt.type_string() }}) as obstacle,
        cast(null as {{ dbt.type_string() }}) as proposal
    from {{ ref("int_kpi_values") }} as kpi_values
    inner join followed on kpi_values.kpi_code = followed.measure_code and followed.measure_kind = 'kpi'
    where
        kpi_values.basis = 'reported'
        and kpi_values.is_headline
        and (kpi_values.bound is not null or kpi_values.no_value_reason = 'zero_denominator')
),

element_figures as (
    select
        observations.agency_id,
        observations.period_code,
        observations.period_start,
        observations.period_end,
        observations.period_known,
        observations.source,
        observations.reported_by,
        observations.submission_id,
        observations.known_from,
        null as numerator,
        null as denominator,
        observations.value,
        observations.value_low,
        observations.value_high,
        observations.bound,
        observations.value_as_printed,
        null as no_value_reason,
        followed.measure_kind,
        followed.measure_code,
        {{ nulls(["state_vi", "done_on", "obstacle", "proposal"]) }}
    from {{ ref("int_observations") }} as observations
    inner join followed on observations.element_code = followed.measure_code and followed.measure_kind = 'element'
    where observations.element_kind = 'data_element'
),

-- A milestone without a target of its own is followed by what is reported about it.
milestone_figures as (
    select
        reports.agency_id,
        reports.period_code,
        reports.period_start,
        reports.period_end,
        reports.period_known,
        'self_reported' as source,
        reports.reported_by,
        reports.submission_id,
        reports.known_from,
        {{ nulls([
            "numerator", "denominator", "value", "value_low", "value_high", "bound", "value_as_printed",
            "no_value_reason"
        ]) }},
        followed.measure_kind,
        followed.measure_code,
        upper(left(reports.state, 1)) || substr(reports.state, 2) as state_vi,
        reports.completed_on as done_on,
        reports.obstacle,
        reports.proposal
    from {{ ref("stg_milestone_reports") }} as reports
    inner join followed on reports.milestone_code = followed.measure_code and followed.kpi_kind = 'milestone'
    inner join submissions on reports.submission_id = submissions.submission_id
    inner join parameters on reports.known_from <= parameters.as_of
),

figures as (
    select * from kpi_figures
    union all
    select * from element_figures
    union all
    select * from milestone_figures
),

last_days as (
    select
        measure_kind,
        measure_code,
        agency_id,
        max(period_end) as period_end
    from figures
    group by measure_kind, measure_code, agency_id
),

ranked as (
    select
        figures.*,
        row_number() over (
            partition by figures.measure_kind, figures.measure_code, figures.agency_id
            order by
                figures.period_start desc nulls last,
                {{ source_rank("figures.source") }} asc,
                figures.known_from desc,
                figures.period_code asc,
                figures.submission_id desc nulls last
        ) as newest_first
    from figures
    inner join last_days
        on
            figures.measure_kind = last_days.measure_kind
            and figures.measure_code = last_days.measure_code
            and figures.agency_id = last_days.agency_id
            and figures.period_end = last_days.period_end
),

final as (
    select {{ all_but(["newest_first"]) }} from ranked
    where newest_first = 1
)

select * from final
