with parameters as (
    select * from {{ ref("stg_parameters") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

-- A milestone binds the agencies that existed on its due day; an agency it names is bound in any case.
milestones as (
    select
        targets.target_id,
        targets.kpi_code,
        targets.target_name_vi,
        targets.deadline,
        targets.responsible_vi,
        targets.legal_basis,
        parameters.as_of,
        agencies.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.agency_kind,
        agencies.current_agency_id,
    from {{ ref("stg_targets") }} as targets
    cross join parameters
    inner join {{ ref("int_target_agencies") }} as target_agencies on targets.target_id = target_agencies.target_id
    inner join agencies
        on
            target_agencies.agency_id = agencies.agency_id
            and agencies.valid_from <= parameters.as_of
            and (
                target_agencies.scope_rank = 1
                or least(coalesce(targets.deadline, targets.effective_from, parameters.as_of), parameters.as_of)
                between agencies.valid_from and agencies.valid_until
            )
    where targets.is_milestone
),

reports as (
    select
        reports.*,
        submissions.received_at,
    from {{ ref("stg_milestone_reports") }} as reports
    inner join {{ ref("int_submissions") }} as submissions
        on reports.submission_id = submissions.submission_id and submissions.is_current
),

matched as (
    select
        milestones.*,
        reports.submission_id,
        reports.state,
        reports.done_count,
        reports.planned_count,
        reports.obstacle,
        reports.proposal,
        coalesce(reports.state = 'hoàn thành', false) as is_done,
        case when reports.state = 'hoàn thành' then reports.completed_on end as done_on,
        row_number() over (
            partition by milestones.target_id, milestones.agency_id
            order by
                reports.known_from desc nulls last,
                reports.period_end desc,
                reports.received_at desc,
                reports.submission_id desc,
                reports.row_number desc
        ) as newest_first,
    from milestones
    left join reports
        on
            reports.milestone_code in (milestones.kpi_code, milestones.target_id)
            and reports.agency_id in (milestones.agency_id, milestones.current_agency_id)
),

judged as (
    select
        *,
        not is_done and coalesce(deadline < as_of, false) as is_overdue,
        case
            when is_done then 'met'
            when deadline >= as_of then 'not_due'
            when state is null then 'no_data'
            when deadline < as_of then 'missed'
            else 'behind'
        end as status,
    from matched
    where newest_first = 1
),

final as (
    select
        {{ surrogate_key(["agency_id", "target_id"]) }} as milestone_key,
        agency_id,
        agency_code,
        agency_name_vi,
        agency_kind,
        target_id,
        kpi_code,
        target_name_vi as milestone_name_vi,
        deadline as due_on,
        case
            when state is null then 'Chưa báo cáo'
            else
                upper(left(state, 1)) || substr(state, 2)
                || coalesce(' (' || done_count || '/' || planned_count || ')', '')
        end as state_vi,
        done_on,
        case
            when is_overdue then as_of - deadline
            when done_on > deadline then done_on - deadline
        end as days_late,
        is_overdue,
        obstacle as obstacle_vi,
        proposal as proposal_vi,
        status,
        {{ status_vi("status") }} as status_vi,
        responsible_vi,
        legal_basis,
        submission_id,
    from judged
)

select * from final
