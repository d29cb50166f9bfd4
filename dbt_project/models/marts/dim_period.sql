with parameters as (
    select * from {{ ref("stg_parameters") }}
),

coded as (
    select
        period_code,
        period_known
    from {{ ref("int_observations") }}
    union all
    select
        period_code,
        cast(null as boolean) as period_known
    from {{ ref("int_submissions") }}
    where period_code is not null
    union all
    select
        findings.period_code,
        cast(null as boolean) as period_known
    from {{ ref("stg_findings") }} as findings
    inner join {{ ref("int_submissions") }} as submissions on findings.submission_id = submissions.submission_id
    where findings.period_code is not null
    union all
    select
        period_code,
        cast(null as boolean) as period_known
    from {{ ref("int_kpi_values") }}
    union all
    select
        findings.period_code,
        cast(null as boolean) as period_known
    from {{ ref("stg_detected_findings") }} as findings
    inner join parameters on findings.first_seen_on < parameters.as_of
    where findings.period_code is not null
    union all
    select
        obligations.period_code,
        cast(null as boolean) as period_known
    from {{ ref("stg_obligations") }} as obligations
    inner join parameters on obligations.period_start <= parameters.as_of
    union all
    select
        period_code,
        period_known
    from {{ ref("int_restatement_causes") }}
    union all
    select
        period_code,
        period_known
    from {{ ref("stg_archived_restatements") }}
),

periods as (
    select
        period_code,
        coalesce(bool_or(period_known), true) as period_known,
        {{ period_start("period_code") }} as period_start,
        {{ period_end("period_code") }} as period_end
    from coded
    group by period_code
),

states as (
    select * from {{ ref("stg_period_states") }}
),

owed as (
    select distinct obligations.period_code
    from {{ ref("stg_obligations") }} as obligations
    inner join parameters on obligations.period_start <= parameters.as_of
),

stated as (
    select
        periods.*,
        states.closed_on,
        states.certified_publication_id,
        states.certified_on,
        states.certified_by,
        states.certification_comment,
        coalesce(states.state, case when owed.period_code is not null then 'open' end) as state
    from periods
    left join states on periods.period_code = states.period_code
    left join owed on periods.period_code = owed.period_code
),

final as (
    select
        period_code,
        {{ period_name_vi("period_code", "period_start", "period_end", "period_known") }} as period_name_vi,
        {{ period_type("period_code") }} as period_type,
        period_start,
        period_end,
        period_known,
        coalesce(
            {{ month_and_day("period_start") }}
            = case when extract(day from period_end) = 14 then '12-15' else '01-01' end,
            false
        ) as is_year_to_date,
        cast(year(period_end) * 10000 + month(period_end) * 100 + day(period_end) as bigint) * 100000
        + coalesce(least({{ days_between("period_start", "period_end") }}, 99999), 99999) as sort_order,
        state,
        {{ period_state_vi("state") }} as state_vi,
        closed_on,
        certified_publication_id,
        certified_on,
        certified_by,
        certification_comment
    from stated
)

select * from final
