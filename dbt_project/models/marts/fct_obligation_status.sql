with judged as (
    select * from {{ ref("int_obligation_status") }}
),

components as (
    select
        agency_id,
        form_code,
        period_code,
        count(*) as components_expected,
        count(*) filter (where is_reported) as components_reported
    from {{ ref("int_obligation_components") }}
    group by agency_id, form_code, period_code
),

final as (
    select
        {{ surrogate_key(["judged.agency_id", "judged.form_code", "judged.period_code"]) }} as obligation_key,
        judged.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.agency_kind,
        judged.form_code,
        forms.form_name_vi,
        judged.period_code,
        judged.cutoff_on,
        judged.due_on,
        judged.closes_on,
        judged.state,
        {{ obligation_state_vi("judged.state") }} as state_vi,
        judged.is_received,
        coalesce(components.components_expected, 0) as components_expected,
        coalesce(components.components_reported, 0) as components_reported,
        {{ ratio_pct("components.components_reported", "components.components_expected") }} as components_pct,
        judged.received_on,
        judged.days_late,
        judged.extended_to,
        judged.extension_reason,
        judged.extension_approver,
        judged.refused_on,
        judged.reported_by,
        judged.submission_id,
        judged.revision,
        judged.obligation_code,
        rules.legal_basis
    from judged
    left join components
        on
            judged.agency_id = components.agency_id
            and judged.form_code = components.form_code
            and judged.period_code = components.period_code
    left join {{ ref("int_agencies") }} as agencies on judged.agency_id = agencies.agency_id
    left join {{ ref("stg_forms") }} as forms on judged.form_code = forms.form_code
    left join {{ ref("stg_reporting_obligations") }} as rules on judged.obligation_code = rules.obligation_code
)

select * from final
