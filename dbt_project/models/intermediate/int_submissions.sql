-- What was known, at least in part, by the end of the as-of day; of each agency, form and period the highest
-- revision is current. Each row of form F07 is known from the day its figure was published.
with submissions as (
    select * from {{ ref("stg_submissions") }}
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

first_published as (
    select
        submission_id,
        min(known_from) as known_from
    from {{ ref("stg_published_values") }}
    group by submission_id
),

final as (
    select
        submissions.submission_id,
        submissions.reported_by,
        submissions.form_code,
        submissions.period_code,
        submissions.revision,
        submissions.decision_number,
        submissions.received_on,
        submissions.outcome,
        submissions.is_nil,
        submissions.file_name,
        submissions.sha256,
        submissions.origin,
        submissions.receipt_number,
        submissions.receipt,
        coalesce(first_published.known_from, submissions.known_from) as known_from,
        row_number() over (
            partition by submissions.reported_by, submissions.form_code, submissions.period_code
            order by submissions.revision desc
        ) = 1 as is_current
    from submissions
    cross join parameters
    left join first_published on submissions.submission_id = first_published.submission_id
    where coalesce(first_published.known_from, submissions.known_from) <= parameters.as_of
)

select * from final
