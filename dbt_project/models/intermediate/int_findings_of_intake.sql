-- Findings of intake, each from the first revision of an unbroken run that has it to the one that no longer has it.
-- A finding that is gone and back on one day was never gone.
with parameters as (
    select * from {{ ref("stg_parameters") }}
),

elements as (
    select * from {{ ref("stg_data_elements") }}
),

-- Form F07 may be known, when looking back, from before the day it was received.
dated as (
    select
        submissions.*,
        case
            when submissions.received_on <= parameters.as_of then submissions.received_on
            else submissions.known_from
        end as seen_on
    from {{ ref("int_submissions") }} as submissions
    cross join parameters
),

submissions as (
    select
        submission_id,
        reported_by,
        form_code,
        period_code,
        seen_on,
        row_number() over revisions as turn,
        lead(seen_on) over revisions as replaced_on
    from dated
    window revisions as (partition by reported_by, form_code, period_code order by revision)
),

findings as (
    select
        findings.{{ all_but(["agency_id", "period_code"]) }},
        submissions.reported_by,
        submissions.form_code,
        submissions.period_code as report_period_code,
        submissions.seen_on,
        submissions.turn,
        submissions.replaced_on,
        coalesce(findings.agency_id, submissions.reported_by) as agency_id,
        coalesce(findings.period_code, submissions.period_code) as period_code,
        coalesce(findings.row_key, findings.kpi_code, findings.found) as subject
    from {{ ref("stg_findings") }} as findings
    inner join submissions on findings.submission_id = submissions.submission_id
    cross join parameters
    left join {{ ref("stg_published_values") }} as published
        on
            findings.submission_id = published.submission_id
            and findings.sheet = published.sheet
            and findings.row_number = published.row_number
    where published.known_from is null or published.known_from <= parameters.as_of
),

numbered as (
    select
        *,
        row_number() over (
            partition by submission_id, rule_id, agency_id, period_code, subject, column_name
            order by position
        ) as place_number
    from findings
),

placed as (
    select
        *,
        {{ place_key(
            "subject",
            reported_by="reported_by",
            report_period_code="report_period_code",
            column_name="column_name",
            place_number="place_number",
        ) }} as place_key
    from numbered
),

begun as (
    select
        *,
        coalesce(
            lag(turn) over revisions = turn - 1 or lag(replaced_on) over revisions >= seen_on,
            false
        ) as goes_on
    from placed
    window revisions as (partition by rule_id, place_key order by turn)
),

runs as (
    select
        *,
        count(case when not goes_on then 1 end) over (partition by rule_id, place_key order by turn) as run_number
    from begun
),

spans as (
    select
        *,
        min(seen_on) over run as first_seen_on,
        row_number() over (partition by rule_id, place_key, run_number order by turn desc) as newest_first
    from runs
    window run as (partition by rule_id, place_key, run_number)
),

final as (
    select
        spans.rule_id,
        spans.place_key,
        spans.first_seen_on,
        spans.severity,
        spans.reported_by,
        spans.agency_id,
        spans.form_code,
        spans.period_code,
        spans.kpi_code,
        spans.row_key,
        spans.submission_id,
        spans.sheet,
        spans.row_number,
        spans.column_name,
        spans.cell,
        spans.found,
        spans.expected,
        spans.evidence,
        spans.explanation,
        spans.explained_in,
        spans.message_vi,
        spans.mend_vi,
        coalesce(elements.element_code, form_columns.element_code) as element_code,
        case when spans.replaced_on is not null then greatest(spans.replaced_on, spans.first_seen_on) end as closed_on
    from spans
    left join elements on spans.row_key = elements.element_code
    left join {{ ref("stg_form_columns") }} as form_columns
        on spans.form_code = form_columns.form_code and spans.column_name = form_columns.column_name
    where spans.newest_first = 1
)

select * from final
