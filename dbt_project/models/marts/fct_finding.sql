with parameters as (
    select * from {{ ref("stg_parameters") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

findings as (
    {{ rows_of_all([ref("int_findings_of_intake"), ref("int_findings_of_models")]) }}
),

keyed as (
    select
        *,
        {{ surrogate_key(["rule_id", "place_key", "first_seen_on"]) }} as finding_key
    from findings
),

decisions as (
    select decisions.*
    from {{ ref("stg_finding_decisions") }} as decisions
    inner join parameters on decisions.decided_on <= parameters.as_of
    qualify row_number() over (partition by decisions.finding_key order by decisions.decision_id desc) = 1
),

decisions_in_force as (
    select decisions.*
    from decisions
    cross join parameters
    where
        decisions.decision_kind in ('explained', 'waived')
        and coalesce(decisions.expires_on >= parameters.as_of, true)
),

-- What was decided about other figures than those of today says nothing about these.
settled as (
    select
        keyed.*,
        decisions.author,
        decisions.reason,
        decisions.decided_on,
        decisions.expires_on,
        case
            when keyed.closed_on is not null then 'closed'
            when decisions.decision_kind is not null then decisions.decision_kind
            when keyed.explanation is not null then 'explained'
            else 'open'
        end as state
    from keyed
    left join decisions_in_force as decisions
        on
            keyed.finding_key = decisions.finding_key
            and keyed.found is not distinct from decisions.found
            and keyed.evidence is not distinct from decisions.evidence
),

final as (
    select
        settled.finding_key,
        settled.rule_id,
        rules.rule_kind,
        settled.severity,
        {{ severity_vi("settled.severity") }} as severity_vi,
        rules.category,
        settled.place_key,
        settled.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        settled.reported_by,
        settled.form_code,
        settled.period_code,
        settled.kpi_code,
        kpis.kpi_name_vi,
        settled.element_code,
        elements.element_name_vi,
        settled.row_key,
        settled.submission_id,
        submissions.file_name,
        settled.sheet,
        settled.row_number,
        settled.column_name,
        settled.cell,
        settled.found,
        settled.expected,
        settled.evidence,
        settled.message_vi,
        settled.mend_vi,
        settled.state,
        {{ finding_state_vi("settled.state") }} as state_vi,
        settled.first_seen_on,
        settled.closed_on,
        {{ days_between("settled.first_seen_on", "coalesce(settled.closed_on, parameters.as_of)") }} as age_days,
        coalesce(settled.author, case when settled.explanation is not null then reporters.agency_name_vi end)
            as settled_by,
        case when settled.author is null then explaining.received_on else settled.decided_on end as settled_on,
        coalesce(settled.reason, settled.explanation) as reason,
        settled.expires_on
    from settled
    cross join parameters
    left join agencies on settled.agency_id = agencies.agency_id
    left join agencies as reporters on settled.reported_by = reporters.agency_id
    left join {{ ref("dim_rule") }} as rules on settled.rule_id = rules.rule_id
    left join {{ ref("dim_kpi") }} as kpis on settled.kpi_code = kpis.kpi_code
    left join {{ ref("stg_data_elements") }} as elements on settled.element_code = elements.element_code
    left join {{ ref("stg_submissions") }} as submissions on settled.submission_id = submissions.submission_id
    left join {{ ref("stg_submissions") }} as explaining on settled.explained_in = explaining.submission_id
)

select * from final
