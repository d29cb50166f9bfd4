-- Reports of units through a focal point, and what it says of each: the current form F09 of the same period names
-- the receipt of the report, and came after it. A report sent again has a receipt of its own, so that it waits again.
with submissions as (
    select * from {{ ref("int_submissions") }}
    where is_current
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

forms as (
    select * from {{ ref("stg_forms") }}
),

reports as (
    select
        submissions.submission_id,
        submissions.reported_by as agency_id,
        submissions.form_code,
        submissions.period_code,
        submissions.revision,
        submissions.decision_number,
        submissions.received_on,
        submissions.receipt,
        units.parent_id as focal_point_id,
        {{ period_end("submissions.period_code") }} as period_end
    from submissions
    inner join forms on submissions.form_code = forms.form_code and forms.source <> 'confirmation'
    inner join agencies as units on submissions.reported_by = units.agency_id and units.agency_kind = 'unit'
    semi join {{ ref("stg_focal_points") }} as focal_points on units.parent_id = focal_points.agency_id
),

collected as (
    select reports.*
    from reports
    semi join {{ ref("stg_focal_points") }} as focal_points
        on
            reports.focal_point_id = focal_points.agency_id
            and reports.period_end between focal_points.valid_from and focal_points.valid_until
),

decisions as (
    select
        decisions.submission_id,
        decisions.reported_by,
        decisions.period_code,
        decisions.unit_id,
        decisions.unit_form_code,
        decisions.receipt,
        decisions.decision,
        decisions.note,
        submissions.decision_number,
        submissions.received_on
    from {{ ref("stg_unit_decisions") }} as decisions
    inner join submissions on decisions.submission_id = submissions.submission_id
),

final as (
    select
        collected.agency_id,
        collected.focal_point_id,
        collected.form_code,
        collected.period_code,
        collected.submission_id,
        collected.revision,
        collected.received_on,
        collected.receipt,
        decisions.received_on as decided_on,
        decisions.submission_id as decision_submission_id,
        decisions.note,
        case decisions.decision
            when 'xác nhận' then 'confirmed'
            when 'trả lại' then 'returned'
            else 'waiting'
        end as state
    from collected
    left join decisions
        on
            collected.focal_point_id = decisions.reported_by
            and collected.period_code = decisions.period_code
            and collected.agency_id = decisions.unit_id
            and collected.form_code = decisions.unit_form_code
            and collected.receipt = decisions.receipt
            and collected.decision_number < decisions.decision_number
)

select * from final
