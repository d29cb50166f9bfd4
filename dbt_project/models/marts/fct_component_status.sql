with components as (
    select * from {{ ref("int_obligation_components") }}
),

final as (
    select
        {{ surrogate_key([
            "components.agency_id",
            "components.form_code",
            "components.period_code",
            "components.component_code",
        ]) }} as component_key,
        components.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.agency_kind,
        components.form_code,
        components.period_code,
        components.component_code,
        components.component_kind,
        coalesce(elements.element_name_vi, kpis.kpi_name_vi) as component_name_vi,
        components.component_state,
        {{ component_state_vi("components.component_state") }} as component_state_vi,
        components.is_reported
    from components
    left join {{ ref("int_agencies") }} as agencies on components.agency_id = agencies.agency_id
    left join {{ ref("stg_data_elements") }} as elements on components.component_code = elements.element_code
    left join {{ ref("dim_kpi") }} as kpis on components.component_code = kpis.kpi_code
)

select * from final
