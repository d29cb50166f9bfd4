with parameters as (
    select * from {{ ref("stg_parameters") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

-- A milestone binds the agencies of a kind that existed on its due day (without one, today's); an agency it names,
-- or whose units it names, is bound in any case.
milestones as (
    select
        targets.target_id,
        targets.kpi_code,
        targets.target_name_vi,
        targets.target_value,
        targets.deadline,
        targets.responsible_vi,
        targets.legal_basis,
        parameters.as_of,
        agencies.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.agency_kind,
        agencies.current_agency_id
    from {{ ref("int_targets") }} as targets
    inner join parameters on targets.amended_on is null or targets.amended_on > parameters.as_of
    inner join {{ ref("int_target_agencies") }} as target_agencies on targets.target_id = target_agencies.target_id
    inner join agencies
        on
            target_agencies.agency_id = agencies.agency_id
            and parameters.as_of >= agencies.valid_from
            and (
                target_agencies.scope_rank <= 2
                or least(coalesce(targets.deadline, targets.effective_from, parameters.as_of), parameters.as_of)
                between agencies.valid_from and agencies.valid_until
            )
    where targets.is_milestone
),

submissions as (
    select * from {{ ref("int_submissions") }}
    where is_current
),

reports as (
    select
        reports.agency_id,
        reports.milestone_code,
        reports.known_from,
        reports.period_end,
        reports.submission_id,
        reports.row_number,
        reports.state,
        reports.completed_on,
        reports.obstacle,
        reports.proposal,
        cast(null as varchar) as value_as_printed,
        cast(null as decimal(28, 6)) as value_low,
        reports.state || coalesce(' (' || reports.done_count || '/' || reports.planned_count || ')', '')
            as state_text
    from {{ ref("stg_milestone_reports") }} as reports
    inner join submissions on reports.submission_id = submissions.submission_id
    inner join parameters on reports.known_from <= parameters.as_of
    union all by name
    select
        kpi_values.agency_id,
        kpi_values.kpi_code as milestone_code,
        kpi_values.known_from,
        kpi_values.period_end,
        kpi_values.submission_id,
        kpi_values.value_as_printed,
        kpi_values.value_low,
        'số liệu công bố: ' || kpi_values.value_as_printed as state_text
    from {{ ref("int_kpi_values") }} as kpi_values
    where kpi_values.basis = 'reported' and kpi_values.value_as_printed is not null
),

matched as (
    select
        milestones.*,
        reports.submission_id,
        reports.state_text,
        reports.completed_on,
        reports.obstacle,
        reports.proposal,
        coalesce(reports.state = 'hoàn thành' or reports.value_low >= milestones.target_value, false) as is_done,
        row_number() over (
            partition by milestones.target_id, milestones.agency_id
            order by
                reports.known_from desc nulls last,
                reports.period_end desc nulls last,
                reports.submission_id desc nulls last,
                reports.row_number desc nulls last
        ) as newest_first
    from milestones
    left join reports
        on
            reports.milestone_code in (milestones.kpi_code, milestones.target_id)
            and reports.agency_id in (milestones.agency_id, milestones.current_agency_id)
),

judged as (
    select
        *,
        case when is_done then completed_on end as done_on,
        not is_done and coalesce(deadline < as_of, false) as is_overdue,
        case
            when is_done then 'met'
            when deadline >= as_of then 'not_due'
            when state_text is null then 'no_data'
            when deadline < as_of then 'missed'
            else 'behind'
        end as status
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
        coalesce(upper(left(state_text, 1)) || substr(state_text, 2), 'Chưa báo cáo') as state_vi,
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
        submission_id
    from judged
)

select * from final
