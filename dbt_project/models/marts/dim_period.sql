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

final as (
    select
        period_code,
        {{ period_name_vi("period_code", "period_start", "period_end", "period_known") }} as period_name_vi,
        {{ period_type("period_code") }} as period_type,
        period_start,
        period_end,
        period_known,
        coalesce(
            strftime(period_start, '%m-%d') = case when extract(day from period_end) = 14 then '12-15' else '01-01' end,
            false
        ) as is_year_to_date,
        cast(strftime(period_end, '%Y%m%d') as bigint) * 100000
        + coalesce(least(period_end - period_start, 99999), 99999) as sort_order
    from periods
)

select * from final
