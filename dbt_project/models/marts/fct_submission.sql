with submissions as (
    select * from {{ ref("int_submissions") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

final as (
    select
        submissions.submission_id,
        submissions.reported_by as agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        submissions.form_code,
        forms.form_name_vi,
        submissions.period_code,
        submissions.revision,
        submissions.is_current,
        submissions.received_on,
        submissions.file_name,
        submissions.sha256,
        submissions.origin,
        submissions.outcome,
        submissions.receipt_number
    from submissions
    left join agencies on submissions.reported_by = agencies.agency_id
    left join {{ ref("stg_forms") }} as forms on submissions.form_code = forms.form_code
)

select * from final
