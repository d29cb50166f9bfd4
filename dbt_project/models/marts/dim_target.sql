with targets as (
    select * from {{ ref("int_targets") }}
),

final as (
    select
        target_id,
        kpi_code,
        target_name_vi,
        target_type,
        operator,
        target_value,
        unit,
        scope_vi,
        responsible_vi,
        effective_from,
        deadline,
        amends,
        amended_by,
        amended_on,
        amendment_chain,
        issuing_level,
        legal_basis,
        exclusion_vi
    from targets
)

select * from final
