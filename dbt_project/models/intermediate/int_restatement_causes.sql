-- Why a value, status or rank is not what the publication before said: another submission, another row of the
-- catalogue, the day that moved on, the ranks of others; else the program computes it in another way.
with restatements as (
    select * from {{ ref("int_restatements") }}
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

previous as (
    select * from {{ ref("stg_previous_publication") }}
),

submissions as (
    select * from {{ ref("int_submissions") }}
),

new_submissions as (
    select * from {{ ref("int_new_submissions") }}
),

-- The new submission that gives the value, or the one that took the place of the one that gave it before.
given as (
    select
        restatements.restatement_key,
        new_submissions.submission_id,
        new_submissions.decision_number
    from restatements
    inner join new_submissions on restatements.submission_id_after = new_submissions.submission_id
    union all
    select
        restatements.restatement_key,
        new_submissions.submission_id,
        new_submissions.decision_number
    from restatements
    inner join submissions on restatements.submission_id_before = submissions.submission_id
    inner join new_submissions
        on
            submissions.reported_by = new_submissions.reported_by
            and submissions.form_code = new_submissions.form_code
            and submissions.period_code = new_submissions.period_code
),

direct as (
    select
        restatement_key,
        max_by(submission_id, decision_number) as submission_id
    from given
    group by restatement_key
),

-- Else the newest one with figures for a part of the period, or for an earlier one.
reported as (
    select
        restatements.restatement_key,
        new_reports.submission_id,
        new_reports.submission_ids,
        new_reports.period_end,
        new_reports.decision_number,
        new_reports.period_start >= coalesce(restatements.period_start, new_reports.period_start) as is_within
    from restatements
    inner join {{ ref("int_new_reports") }} as new_reports
        on
            restatements.agency_id = new_reports.agency_id
            and restatements.kpi_code = new_reports.kpi_code
            and restatements.period_end >= new_reports.period_end
),

behind as (
    select
        restatement_key,
        max_by(submission_id, (is_within, period_end, decision_number)) as submission_id,
        bool_or(is_within) as is_within,
        {{ list_length("array_distinct(flatten(array_agg(submission_ids) filter (where is_within)))") }}
            as submissions_count
    from reported
    group by restatement_key
),

catalogue_changes as (
    select * from {{ ref("stg_catalogue_changes") }}
),

target_changes as (
    select
        target_id,
        {{ first_three("change_vi", "row_key") }} as change_vi
    from catalogue_changes
    where table_name = 'targets'
    group by target_id
),

kpi_changes as (
    select
        kpi_code,
        {{ first_three("change_vi", "table_name, row_key") }} as change_vi
    from (
        select
            kpi_code,
            change_vi,
            table_name,
            row_key
        from catalogue_changes
        where table_name <> 'targets' and kpi_code is not null
        union
        select
            kpi_elements.kpi_code,
            catalogue_changes.change_vi,
            catalogue_changes.table_name,
            catalogue_changes.row_key
        from catalogue_changes
        inner join {{ ref("int_kpi_elements") }} as kpi_elements
            on catalogue_changes.element_code = kpi_elements.element_code
        where catalogue_changes.kpi_code is null
    )
    group by kpi_code
),

structure_changes as (
    select {{ first_three("change_vi", "table_name, row_key") }} as change_vi
    from catalogue_changes
    where table_name in ('agencies', 'agency_groups', 'agency_successions')
),

explained as (
    select
        restatements.*,
        direct.submission_id as direct_submission_id,
        behind.submission_id as behind_submission_id,
        behind.submissions_count,
        kpi_changes.change_vi as kpi_change_vi,
        structure_changes.change_vi as structure_change_vi,
        parameters.catalogue_sha256 <> previous.catalogue_sha256 as is_other_catalogue,
        parameters.as_of <> previous.as_of as is_other_day,
        coalesce(behind.is_within, false) as is_within,
        coalesce(target_after.change_vi, target_before.change_vi) as target_change_vi
    from restatements
    cross join parameters
    cross join previous
    cross join structure_changes
    left join direct on restatements.restatement_key = direct.restatement_key
    left join behind on restatements.restatement_key = behind.restatement_key
    left join kpi_changes on restatements.kpi_code = kpi_changes.kpi_code
    left join target_changes as target_after on restatements.target_id_after = target_after.target_id
    left join target_changes as target_before on restatements.target_id_before = target_before.target_id
),

-- The first that explains it.
decided as (
    select
        *,
        case
            when is_value_changed and direct_submission_id is not null then 'submission'
            when is_value_changed and kpi_change_vi is not null then 'catalogue'
            when is_value_changed and is_within then 'submission'
            when not is_value_changed and not is_status_changed and kpi_change_vi is null then 'ranking'
            when not is_value_changed and coalesce(target_change_vi, kpi_change_vi) is not null then 'catalogue'
            when not is_value_changed and status_before = 'not_due' and is_other_day then 'time'
            when behind_submission_id is not null then 'submission'
            when is_other_catalogue then 'catalogue'
            when is_other_day then 'time'
            else 'method'
        end as cause
    from explained
),

attributed as (
    select
        {{ all_but(["submissions_count"]) }},
        cast(null as {{ dbt.type_string() }}) as publication_id,
        case
            when cause <> 'submission' then null
            when is_value_changed then coalesce(direct_submission_id, behind_submission_id)
            else behind_submission_id
        end as submission_id,
        case
            when cause <> 'submission' then null
            when is_value_changed and direct_submission_id is not null then 1
            else greatest(submissions_count, 1)
        end as submissions_count,
        case
            when is_value_changed then coalesce(kpi_change_vi, structure_change_vi)
            when cause = 'catalogue' then coalesce(target_change_vi, kpi_change_vi, structure_change_vi)
        end as catalogue_change_vi
    from decided
),

final as (
    select {{ restatement_columns() | indent(4) }}
    from attributed
)

select * from final
