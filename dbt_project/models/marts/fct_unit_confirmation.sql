with confirmations as (
    select * from {{ ref("int_unit_confirmations") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

final as (
    select
        {{ surrogate_key([
            "confirmations.agency_id",
            "confirmations.form_code",
            "confirmations.period_code",
        ]) }} as confirmation_key,
        confirmations.agency_id,
        units.agency_code,
        units.agency_name_vi,
        confirmations.focal_point_id,
        focal_points.agency_code as focal_point_code,
        focal_points.agency_name_vi as focal_point_name_vi,
        confirmations.form_code,
        forms.form_name_vi,
        confirmations.period_code,
        confirmations.submission_id,
        confirmations.revision,
        confirmations.received_on,
        confirmations.receipt,
        confirmations.state,
        {{ confirmation_state_vi("confirmations.state") }} as state_vi,
        confirmations.decided_on,
        confirmations.decision_submission_id,
        confirmations.note
    from confirmations
    left join agencies as units on confirmations.agency_id = units.agency_id
    left join agencies as focal_points on confirmations.focal_point_id = focal_points.agency_id
    left join {{ ref("stg_forms") }} as forms on confirmations.form_code = forms.form_code
)

select * from final
