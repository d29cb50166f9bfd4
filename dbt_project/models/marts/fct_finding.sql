with findings as (
    select * from {{ ref("stg_findings") }}
),

submissions as (
    select * from {{ ref("int_submissions") }}
    where is_current
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

final as (
    select
        {{ surrogate_key(["findings.submission_id", "findings.position"]) }} as finding_key,
        findings.rule_id,
        findings.severity,
        {{ severity_vi("findings.severity") }} as severity_vi,
        rules.category,
        coalesce(findings.agency_id, submissions.reported_by) as agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        findings.kpi_code,
        kpis.kpi_name_vi,
        coalesce(findings.period_code, submissions.period_code) as period_code,
        findings.submission_id,
        submissions.file_name,
        findings.sheet,
        findings.row_number,
        findings.column_name,
        findings.cell,
        findings.found,
        findings.expected,
        findings.evidence,
        findings.explanation,
        findings.message_vi,
        findings.mend_vi,
        case when findings.explanation is null then 'open' else 'explained' end as state
    from findings
    inner join submissions on findings.submission_id = submissions.submission_id
    left join agencies on coalesce(findings.agency_id, submissions.reported_by) = agencies.agency_id
    left join {{ ref("dim_rule") }} as rules on findings.rule_id = rules.rule_id
    left join {{ ref("dim_kpi") }} as kpis on findings.kpi_code = kpis.kpi_code
)

select * from final
