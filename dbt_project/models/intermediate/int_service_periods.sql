-- Counts of services over longer periods, of which every month was reported and which nobody reported as a whole.
-- Years to date without a name of their own are kept for the year looked from and the one before it.
with spans as (
    select * from {{ ref("int_service_spans") }}
),

counts as (
    select * from {{ ref("int_service_set_counts") }}
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

reported as (
    select
        reported_by as agency_id,
        period_code
    from {{ ref("int_submissions") }}
    where is_current and form_code = 'F02'
),

final as (
    select
        spans.agency_id,
        counts.element_code,
        spans.period_code,
        spans.period_start,
        spans.period_end,
        counts.value,
        spans.parts_count,
        spans.parts_count as parts_expected,
        spans.known_from,
        spans.submission_id
    from spans
    inner join counts
        on
            spans.submission_set = counts.submission_set
            and spans.first_month = counts.first_month
            and spans.last_month = counts.last_month
    cross join parameters
    left join reported on spans.agency_id = reported.agency_id and spans.period_code = reported.period_code
    where
        reported.period_code is null
        and (
            not spans.is_year_to_date
            or spans.period_year between year(parameters.as_of) - 1 and year(parameters.as_of)
        )
)

select * from final
