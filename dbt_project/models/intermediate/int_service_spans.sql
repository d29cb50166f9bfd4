-- Quarters, halves, years and years to date of which every month has a current file of form F02.
with parts as (
    select * from {{ ref("int_service_parts") }}
),

submissions as (
    select * from {{ ref("stg_submissions") }}
),

spans as (
    select
        spans.span_name,
        spans.first_month,
        spans.last_month,
        (1 << spans.last_month) - (1 << (spans.first_month - 1)) as span_mask
    from (
        values
        ('Q1', 1, 3), ('Q2', 4, 6), ('Q3', 7, 9), ('Q4', 10, 12), ('H1', 1, 6), ('H2', 7, 12), ('Y', 1, 12),
        (null, 1, 2), (null, 1, 4), (null, 1, 5), (null, 1, 7), (null, 1, 8), (null, 1, 9), (null, 1, 10), (null, 1, 11)
    ) as spans (span_name, first_month, last_month)
),

complete as (
    select
        parts.submission_set,
        parts.agency_id,
        parts.is_government,
        parts.period_year,
        spans.span_name,
        spans.first_month,
        spans.last_month,
        spans.span_mask,
        count(*) as parts_count,
        max(submissions.known_from) as known_from,
        max(case when parts.tells_state and parts.last_month = spans.last_month then parts.submission_id end)
            as submission_id
    from parts
    inner join spans on (parts.months_mask & spans.span_mask) = parts.months_mask
    inner join submissions on parts.submission_id = submissions.submission_id
    group by all
    having bit_or(parts.months_mask) = spans.span_mask
),

dated as (
    select
        *,
        case
            when is_government
                then cast(make_date(period_year, first_month, 1) - interval 1 month + interval 14 day as date)
            else make_date(period_year, first_month, 1)
        end as period_start,
        case
            when is_government then make_date(period_year, last_month, 14)
            else last_day(make_date(period_year, last_month, 1))
        end as period_end
    from complete
),

final as (
    select
        submission_set,
        agency_id,
        period_year,
        first_month,
        last_month,
        span_mask,
        period_start,
        period_end,
        parts_count,
        known_from,
        submission_id,
        span_name is null as is_year_to_date,
        case
            when span_name is null
                then
                    cast(period_start as {{ dbt.type_string() }})
                    || '..'
                    || cast(period_end as {{ dbt.type_string() }})
            else period_year || '-' || span_name || case when is_government then 'G' else '' end
        end as period_code
    from dated
)

select * from final
