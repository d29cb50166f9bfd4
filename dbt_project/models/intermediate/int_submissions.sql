-- What was known by the end of the as-of day; of each agency, form and period the highest revision is current.
with submissions as (
    select * from {{ ref("stg_submissions") }}
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

final as (
    select
        submissions.submission_id,
        submissions.reported_by,
        submissions.form_code,
        submissions.period_code,
        submissions.revision,
        submissions.received_at,
        submissions.received_on,
        submissions.known_from,
        submissions.outcome,
        submissions.file_name,
        submissions.sha256,
        submissions.origin,
        submissions.receipt_number,
        row_number() over (
            partition by submissions.reported_by, submissions.form_code, submissions.period_code
            order by submissions.revision desc
        ) = 1 as is_current
    from submissions
    inner join parameters on submissions.known_from <= parameters.as_of
)

select * from final
