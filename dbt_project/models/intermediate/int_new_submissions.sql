-- Current submissions that the publication before did not know, or whose figures were not public on its day.
with previous as (
    select * from {{ ref("stg_previous_publication") }}
),

received as (
    select * from {{ ref("stg_submissions") }}
),

final as (
    select
        submissions.submission_id,
        submissions.reported_by,
        submissions.form_code,
        submissions.period_code,
        submissions.decision_number
    from {{ ref("int_submissions") }} as submissions
    inner join received on submissions.submission_id = received.submission_id
    inner join previous
        on submissions.decision_number > previous.input_sequence or received.known_from > previous.as_of
    where submissions.is_current
)

select * from final
