-- What each report owed is asked for, and whether the report that stands says it: the data elements of the form's
-- required columns; for a form that lists elements in rows, those the agency has to report; for the form of
-- milestones, those the agency has. A nil return says all of it.
with obligations as (
    select * from {{ ref("int_obligation_status") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

form_columns as (
    select * from {{ ref("stg_form_columns") }}
),

elements_in_columns as (
    select distinct
        form_code,
        element_code
    from form_columns
    where element_code is not null and is_required
),

elements_in_rows as (
    select
        form_columns.form_code,
        elements.element_code,
        {{ unnested("elements.reported_by") }} as item
    from form_columns
    cross join {{ ref("stg_data_elements") }} as elements
    where form_columns.column_name = 'element_code'
),

asked as (
    select
        obligations.agency_id,
        obligations.form_code,
        obligations.period_code,
        elements_in_columns.element_code as component_code,
        'data_element' as component_kind
    from obligations
    inner join elements_in_columns on obligations.form_code = elements_in_columns.form_code
    union
    select
        obligations.agency_id,
        obligations.form_code,
        obligations.period_code,
        elements_in_rows.element_code as component_code,
        'data_element' as component_kind
    from obligations
    inner join agencies on obligations.agency_id = agencies.agency_id
    inner join elements_in_rows
        on
            obligations.form_code = elements_in_rows.form_code
            and {{ names_agency("elements_in_rows.item", "agencies") }}
    union
    select
        obligations.agency_id,
        obligations.form_code,
        obligations.period_code,
        milestones.kpi_code as component_code,
        'milestone' as component_kind
    from obligations
    inner join form_columns
        on obligations.form_code = form_columns.form_code and form_columns.column_name = 'milestone_code'
    inner join {{ ref("int_milestone_agencies") }} as milestones
        on
            obligations.agency_id = milestones.agency_id
            and obligations.cutoff_on >= coalesce(milestones.effective_from, obligations.cutoff_on)
),

said as (
    select distinct
        submission_id,
        element_code as component_code
    from {{ ref("int_observations") }}
    union
    select distinct
        reports.submission_id,
        milestones.kpi_code as component_code
    from {{ ref("stg_milestone_reports") }} as reports
    inner join {{ ref("int_milestone_agencies") }} as milestones
        on reports.milestone_code in (milestones.kpi_code, milestones.target_id)
),

final as (
    select
        asked.agency_id,
        asked.form_code,
        asked.period_code,
        asked.component_code,
        asked.component_kind,
        case
            when not obligations.is_received then 'not_received'
            when obligations.state = 'nil' then 'nil'
            when said.component_code is not null then 'reported'
            else 'left_out'
        end as component_state,
        obligations.is_received and (obligations.state = 'nil' or said.component_code is not null) as is_reported
    from asked
    inner join obligations
        on
            asked.agency_id = obligations.agency_id
            and asked.form_code = obligations.form_code
            and asked.period_code = obligations.period_code
    left join said
        on
            obligations.submission_id = said.submission_id
            and asked.component_code = said.component_code
)

select * from final
