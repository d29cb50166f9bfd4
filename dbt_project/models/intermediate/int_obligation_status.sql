-- What became of each report owed, on the as-of day.
with recursive parameters as (
    select * from {{ ref("stg_parameters") }}
),

obligations as (
    select
        obligations.*,
        parameters.as_of
    from {{ ref("stg_obligations") }} as obligations
    inner join parameters on obligations.period_start <= parameters.as_of
),

successions as (
    select * from {{ ref("stg_agency_successions") }}
    where is_main
),

-- Whose reports count: the agency's own, and those of whoever has taken over from it since the period began.
answerable (agency_id, form_code, period_code, period_start, reported_by) as (
    select
        agency_id,
        form_code,
        period_code,
        period_start,
        agency_id as reported_by
    from obligations
    {{ recursion_union() }}
    select
        answerable.agency_id,
        answerable.form_code,
        answerable.period_code,
        answerable.period_start,
        successions.to_agency_id as reported_by
    from answerable
    inner join successions
        on
            answerable.reported_by = successions.from_agency_id
            and answerable.period_start < successions.effective_on
),

-- The first accepted report tells whether it came in time, the last one stands.
accepted as (
    select
        answerable.agency_id,
        answerable.form_code,
        answerable.period_code,
        min(submissions.received_on) as received_on,
        max_by(submissions.submission_id, submissions.decision_number) as submission_id,
        max_by(submissions.reported_by, submissions.decision_number) as reported_by,
        max_by(submissions.revision, submissions.decision_number) as revision,
        max_by(submissions.is_nil, submissions.decision_number) as is_nil
    from answerable
    inner join {{ ref("int_submissions") }} as submissions
        on
            answerable.reported_by = submissions.reported_by
            and answerable.form_code = submissions.form_code
            and answerable.period_code = submissions.period_code
    inner join parameters on submissions.received_on <= parameters.as_of
    group by answerable.agency_id, answerable.form_code, answerable.period_code
),

refused as (
    select
        answerable.agency_id,
        answerable.form_code,
        answerable.period_code,
        max(refusals.received_on) as refused_on
    from answerable
    inner join {{ ref("stg_refusals") }} as refusals
        on
            answerable.reported_by = refusals.reported_by
            and answerable.form_code = refusals.form_code
            and answerable.period_code = refusals.period_code
    inner join parameters on refusals.received_on <= parameters.as_of
    group by answerable.agency_id, answerable.form_code, answerable.period_code
),

extensions as (
    select
        extensions.*,
        row_number() over (
            partition by extensions.agency_id, extensions.form_code, extensions.period_code
            order by extensions.extension_id desc
        ) as newest_first
    from {{ ref("stg_extensions") }} as extensions
    inner join parameters on extensions.granted_on <= parameters.as_of
),

-- Without a day, the newest one took back what was granted.
extended as (
    select * from extensions
    where newest_first = 1 and extended_to is not null
),

final as (
    select
        obligations.obligation_code,
        obligations.agency_id,
        obligations.form_code,
        obligations.period_code,
        obligations.period_start,
        obligations.cutoff_on,
        obligations.due_on,
        obligations.closes_on,
        obligations.as_of,
        accepted.received_on,
        accepted.submission_id,
        accepted.reported_by,
        accepted.revision,
        refused.refused_on,
        extended.extended_to,
        extended.extension_reason,
        extended.extension_approver,
        accepted.received_on is not null as is_received,
        greatest(
            {{ days_between("obligations.due_on", "coalesce(accepted.received_on, obligations.as_of)") }}, 0
        ) as days_late,
        case
            when accepted.is_nil then 'nil'
            when accepted.received_on is not null and obligations.as_of <= obligations.cutoff_on then 'received'
            when accepted.received_on <= obligations.due_on then 'on_time'
            when accepted.received_on <= extended.extended_to then 'late_extended'
            when accepted.received_on is not null then 'late'
            when refused.refused_on is not null then 'rejected'
            when obligations.as_of between obligations.due_on + 1 and extended.extended_to then 'extended'
            when obligations.as_of > obligations.due_on then 'missing'
            else 'expected'
        end as state
    from obligations
    left join accepted
        on
            obligations.agency_id = accepted.agency_id
            and obligations.form_code = accepted.form_code
            and obligations.period_code = accepted.period_code
    left join refused
        on
            obligations.agency_id = refused.agency_id
            and obligations.form_code = refused.form_code
            and obligations.period_code = refused.period_code
    left join extended
        on
            obligations.agency_id = extended.agency_id
            and obligations.form_code = extended.form_code
            and obligations.period_code = extended.period_code
)

select * from final
