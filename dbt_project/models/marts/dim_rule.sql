with rules as (
    select * from {{ ref("stg_rules") }}
),

final as (
    select
        rule_id,
        rule_kind,
        form_code,
        severity,
        category,
        threshold,
        minimum,
        message_vi,
        mend_vi,
        legal_basis
    from rules
)

select * from final
