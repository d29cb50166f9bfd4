-- Which new submissions brought a KPI's figures, or confirmed them, by agency and period. What an agency reports moves
-- its successor, the agency above it and the groups it belongs to as well.
with submissions as (
    select * from {{ ref("int_new_submissions") }}
),

kpi_elements as (
    select * from {{ ref("int_kpi_elements") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

members as (
    select * from {{ ref("int_agency_members") }}
),

reaches as (
    select
        agency_id,
        {{ unnested_values(["agency_id", "current_agency_id"]) }} as reached_id
    from agencies
    union
    select
        units.agency_id,
        {{ unnested_values(["parents.agency_id", "parents.current_agency_id"]) }} as reached_id
    from agencies as units
    inner join agencies as parents on units.parent_id = parents.agency_id
    union
    select
        member_id as agency_id,
        agency_id as reached_id
    from members
    union
    select
        units.member_id as agency_id,
        members.agency_id as reached_id
    from members as units
    inner join members on units.agency_id = members.member_id
),

observations as (
    select * from {{ ref("int_observations") }}
),

brought as (
    select
        observations.*,
        submissions.submission_id as new_submission_id,
        submissions.decision_number
    from observations
    inner join submissions on observations.submission_id = submissions.submission_id
    union all
    select
        observations.*,
        submissions.submission_id as new_submission_id,
        submissions.decision_number
    from observations
    inner join {{ ref("stg_unit_decisions") }} as decisions
        on
            observations.agency_id = decisions.unit_id
            and observations.form_code = decisions.unit_form_code
            and observations.period_code = decisions.period_code
    inner join submissions on decisions.submission_id = submissions.submission_id
),

reported as (
    select distinct
        brought.agency_id,
        kpi_elements.kpi_code,
        brought.period_end,
        brought.new_submission_id as submission_id,
        brought.decision_number,
        coalesce(brought.period_start, date '0001-01-01') as period_start
    from brought
    inner join kpi_elements on brought.element_code = kpi_elements.element_code
),

final as (
    select
        reaches.reached_id as agency_id,
        reported.kpi_code,
        reported.period_start,
        reported.period_end,
        max(reported.decision_number) as decision_number,
        max_by(reported.submission_id, reported.decision_number) as submission_id,
        array_agg(distinct reported.submission_id) as submission_ids
    from reported
    inner join reaches on reported.agency_id = reaches.agency_id
    where reaches.reached_id is not null
    group by reaches.reached_id, reported.kpi_code, reported.period_start, reported.period_end
)

select * from final
