-- Values on both bases, from what is reported and what adds up; growth and indices are computed from these.
with reported as (
    select * from {{ ref("int_kpi_values_by_agency") }}
),

current_structure as (
    select * from {{ ref("int_kpi_values_current") }}
),

final as (
    select
        {{ kpi_value_columns() | indent(4) }},
        'reported' as basis
    from reported
    union all
    select
        {{ kpi_value_columns() | indent(4) }},
        'current' as basis
    from current_structure
)

select * from final
