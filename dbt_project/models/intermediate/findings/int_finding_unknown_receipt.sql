-- MODEL-13: a focal point speaks of a report that its unit has not sent: no revision of that form and period has the
-- receipt it names.
with submissions as (
    select * from {{ ref("int_submissions") }}
),

decisions as (
    select decisions.*
    from {{ ref("stg_unit_decisions") }} as decisions
    inner join submissions on decisions.submission_id = submissions.submission_id
    where submissions.is_current
),

receipts as (
    select
        reported_by,
        form_code,
        period_code,
        {{ joined_texts("receipt", "; ", "revision") }} as receipts,
        array_agg(receipt) as all_receipts
    from submissions
    group by reported_by, form_code, period_code
),

final as (
    select
        'MODEL-13' as rule_id,
        decisions.reported_by as agency_id,
        'F09' as form_code,
        decisions.period_code,
        decisions.receipt as found,
        concat_ws('|', decisions.unit_id, decisions.unit_form_code) as row_key,
        coalesce(receipts.receipts, 'không có') as expected,
        agencies.agency_name_vi || ', biểu ' || decisions.unit_form_code as evidence
    from decisions
    left join {{ ref("int_agencies") }} as agencies on decisions.unit_id = agencies.agency_id
    left join receipts
        on
            decisions.unit_id = receipts.reported_by
            and decisions.unit_form_code = receipts.form_code
            and decisions.period_code = receipts.period_code
    where not coalesce(array_contains(receipts.all_receipts, decisions.receipt), false)
)

select * from final
