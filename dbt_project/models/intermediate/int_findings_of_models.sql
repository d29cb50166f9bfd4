-- Findings that only the models can make, each from the day of the first publication that had it. A finding that
-- intake has made and that still stands is not made again.
{%- set words = {
    "subject": "own.subject_name",
    "period": period_words_vi("own.period_code"),
    "found": "own.found",
    "expected": "own.expected",
    "evidence": "own.evidence",
    "threshold": vi_number("own.threshold"),
    "minimum": vi_number("own.minimum"),
} %}
with parameters as (
    select * from {{ ref("stg_parameters") }}
),

rules as (
    select * from {{ ref("stg_rules") }}
),

elements as (
    select * from {{ ref("stg_data_elements") }}
),

kpis as (
    select
        kpi_code,
        kpi_name_vi,
        numerator_element
    from {{ ref("stg_kpis") }}
    qualify row_number() over (partition by kpi_code order by valid_from desc) = 1
),

detected as (
    {{ rows_of_all([
        ref("int_finding_printed_percentage"),
        ref("int_finding_part_above_whole"),
        ref("int_finding_same_count"),
        ref("int_finding_total_falls"),
        ref("int_finding_denominator_drops"),
        ref("int_finding_outlier"),
        ref("int_finding_forms_differ"),
        ref("int_finding_sources_differ"),
        ref("int_finding_units_above_whole"),
        ref("int_finding_split_agency"),
        ref("int_finding_idle_correction"),
        ref("int_finding_unknown_receipt"),
        ref("int_finding_source_changed"),
        ref("int_finding_source_unreachable"),
        ref("int_finding_source_silent"),
    ]) }}
),

named as (
    select
        detected.*,
        rules.severity,
        rules.category,
        rules.threshold,
        rules.minimum,
        rules.message_vi as message_text,
        rules.mend_vi as mend_text,
        coalesce(detected.element_code, kpis.numerator_element) as compared_element,
        coalesce(kpis.kpi_name_vi, elements.element_name_vi) as subject_name
    from detected
    inner join rules on detected.rule_id = rules.rule_id
    left join kpis on detected.kpi_code = kpis.kpi_code
    left join elements on detected.element_code = elements.element_code
),

placed as (
    select
        *,
        {{ place_key("concat_ws('|', coalesce(element_code, kpi_code), row_key)") }} as place_key
    from named
),

of_intake as (
    select
        findings.agency_id,
        findings.period_code,
        findings.kpi_code,
        findings.element_code,
        rules.category
    from {{ ref("int_findings_of_intake") }} as findings
    inner join rules on findings.rule_id = rules.rule_id
    where findings.closed_on is null
),

own as (
    select placed.*
    from placed
    anti join of_intake as on_kpi
        on
            placed.category = on_kpi.category
            and placed.agency_id = on_kpi.agency_id
            and placed.period_code = on_kpi.period_code
            and placed.kpi_code = on_kpi.kpi_code
    anti join of_intake as on_element
        on
            placed.category = on_element.category
            and placed.agency_id = on_element.agency_id
            and placed.period_code = on_element.period_code
            and placed.compared_element = on_element.element_code
),

-- What publications of the same day or later had is no knowledge of this one.
history as (
    select
        detected_findings.rule_id,
        detected_findings.place_key,
        detected_findings.first_seen_on,
        detected_findings.severity,
        detected_findings.agency_id,
        detected_findings.form_code,
        detected_findings.period_code,
        detected_findings.kpi_code,
        detected_findings.element_code,
        detected_findings.row_key,
        detected_findings.submission_id,
        detected_findings.found,
        detected_findings.expected,
        detected_findings.evidence,
        detected_findings.message_vi,
        detected_findings.mend_vi,
        case when detected_findings.closed_on < parameters.as_of then detected_findings.closed_on end as closed_on
    from {{ ref("stg_detected_findings") }} as detected_findings
    inner join parameters on detected_findings.first_seen_on < parameters.as_of
),

standing as (
    select
        own.rule_id,
        own.place_key,
        coalesce(history.first_seen_on, parameters.as_of) as first_seen_on,
        cast(null as date) as closed_on,
        own.severity,
        own.agency_id,
        own.form_code,
        own.period_code,
        own.kpi_code,
        own.element_code,
        own.row_key,
        own.submission_id,
        own.found,
        own.expected,
        own.evidence,
        {{ fill_in("own.message_text", words) }} as message_vi,
        {{ fill_in("own.mend_text", words) }} as mend_vi
    from own
    cross join parameters
    left join history
        on
            own.rule_id = history.rule_id
            and own.place_key = history.place_key
            and history.closed_on is null
),

gone as (
    select
        history.rule_id,
        history.place_key,
        history.first_seen_on,
        coalesce(history.closed_on, parameters.as_of) as closed_on,
        history.severity,
        history.agency_id,
        history.form_code,
        history.period_code,
        history.kpi_code,
        history.element_code,
        history.row_key,
        history.submission_id,
        history.found,
        history.expected,
        history.evidence,
        history.message_vi,
        history.mend_vi
    from history
    cross join parameters
    anti join standing
        on
            history.rule_id = standing.rule_id
            and history.place_key = standing.place_key
            and history.first_seen_on = standing.first_seen_on
),

final as (
    select * from standing
    union all
    select * from gone
)

select * from final
