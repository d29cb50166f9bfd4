with parameters as (
    select * from {{ ref("stg_parameters") }}
),

milestones as (
    select * from {{ ref("int_milestone_agencies") }}
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
        reports.done_count,
        reports.planned_count,
        cast(null as decimal(28, 6)) as value_low,
        cast(null as decimal(28, 6)) as value_high,
        cast(null as {{ dbt.type_string() }}) as bound,
        reports.state || coalesce(' (' || reports.done_count || '/' || reports.planned_count || ')', '')
            as state_text
    from {{ ref("stg_milestone_reports") }} as reports
    inner join submissions on reports.submission_id = submissions.submission_id
    inner join parameters on reports.known_from <= parameters.as_of
    union all
    select
        kpi_values.agency_id,
        kpi_values.kpi_code as milestone_code,
        kpi_values.known_from,
        kpi_values.period_end,
        kpi_values.submission_id,
        null as row_number,
        null as state,
        null as completed_on,
        null as obstacle,
        null as proposal,
        cast(kpi_values.numerator as bigint) as done_count,
        cast(kpi_values.denominator as bigint) as planned_count,
        kpi_values.value_low,
        kpi_values.value_high,
        kpi_values.bound,
        'số liệu công bố: ' || kpi_values.value_as_printed as state_text
    from {{ ref("int_kpi_values") }} as kpi_values
    where kpi_values.basis = 'reported' and kpi_values.value_as_printed is not null
),

newest_reports as (
    select
        *,
        row_number() over (
            partition by milestone_code, agency_id
            order by
                known_from desc,
                period_end desc,
                submission_id desc,
                row_number desc nulls last
        ) as newest_first
    from reports
),

milestone_codes as (
    select
        target_id,
        agency_id,
        kpi_code as milestone_code
    from milestones
    union
    select
        target_id,
        agency_id,
        target_id as milestone_code
    from milestones
),

reporters as (
    select
        target_id,
        agency_id,
        agency_id as reporter_id
    from milestones
    union
    select
        target_id,
        agency_id,
        current_agency_id as reporter_id
    from milestones
),

-- A report names the milestone by its own code or by the target's, and comes from the agency or from whoever took
-- over from it.
found as (
    select
        newest_reports.known_from,
        newest_reports.submission_id,
        newest_reports.state,
        newest_reports.state_text,
        newest_reports.completed_on,
        newest_reports.done_count,
        newest_reports.planned_count,
        newest_reports.obstacle,
        newest_reports.proposal,
        newest_reports.bound,
        newest_reports.value_low,
        newest_reports.value_high,
        milestone_codes.target_id,
        milestone_codes.agency_id,
        row_number() over (
            partition by milestone_codes.target_id, milestone_codes.agency_id
            order by
                newest_reports.known_from desc,
                newest_reports.period_end desc,
                newest_reports.submission_id desc,
                newest_reports.row_number desc nulls last
        ) as newest_first
    from milestone_codes
    inner join reporters
        on
            milestone_codes.target_id = reporters.target_id
            and milestone_codes.agency_id = reporters.agency_id
    inner join newest_reports
        on
            milestone_codes.milestone_code = newest_reports.milestone_code
            and reporters.reporter_id = newest_reports.agency_id
    where newest_reports.newest_first = 1
),

-- A published bound decides only where every value within it would.
matched as (
    select
        milestones.*,
        found.submission_id,
        found.state_text,
        found.completed_on,
        found.done_count,
        found.planned_count,
        found.obstacle,
        found.proposal,
        coalesce(found.state = 'hoàn thành' or found.value_low >= milestones.target_value, false) as is_done,
        coalesce(
            found.bound <> '='
            and coalesce(found.value_low < milestones.target_value, true)
            and coalesce(found.value_high >= milestones.target_value, true),
            false
        ) as is_undecided
    from milestones
    left join found
        on
            milestones.target_id = found.target_id
            and milestones.agency_id = found.agency_id
            and found.newest_first = 1
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
            when is_undecided then 'insufficient'
            when deadline < as_of then 'missed'
            else 'behind'
        end as status
    from matched
),

timed as (
    select
        *,
        case
            when is_overdue then {{ days_between("deadline", "as_of") }}
            when done_on > deadline then {{ days_between("deadline", "done_on") }}
        end as days_late,
        case when not is_done and deadline >= as_of then {{ days_between("as_of", "deadline") }} end as days_left,
        case when done_on < deadline then {{ days_between("done_on", "deadline") }} end as days_early
    from judged
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
        days_late,
        days_left,
        case
            when days_late is not null and is_done then 'Hoàn thành muộn ' || {{ vi_number("days_late") }} || ' ngày'
            when days_late is not null then 'Quá hạn ' || {{ vi_number("days_late") }} || ' ngày'
            when days_early is not null then 'Hoàn thành sớm ' || {{ vi_number("days_early") }} || ' ngày'
            when is_done and done_on = deadline then 'Hoàn thành đúng hạn'
            when is_done then 'Hoàn thành'
            when days_left = 0 then 'Đến hạn trong ngày'
            when days_left is not null then 'Còn ' || {{ vi_number("days_left") }} || ' ngày'
            else 'Không nêu thời hạn'
        end as timing_vi,
        is_overdue,
        done_count,
        planned_count,
        {{ ratio_pct("done_count", "planned_count") }} as progress_pct,
        obstacle as obstacle_vi,
        proposal as proposal_vi,
        status,
        {{ status_vi("status") }} as status_vi,
        case status when 'insufficient' then {{ status_reason_vi("'bound'") }} end as status_reason_vi,
        responsible_vi,
        legal_basis,
        submission_id
    from timed
)

select * from final
