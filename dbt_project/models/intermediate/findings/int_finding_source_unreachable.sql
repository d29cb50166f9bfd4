-- MODEL-15: a source has been out of reach, or has refused us, for more days than the threshold.
with limits as (
    {{ limits_of("MODEL-15") }}
),

final as (
    select
        'MODEL-15' as rule_id,
        states.agency_id,
        states.source_id as row_key,
        {{ vi_date("states.failing_since") }} as found,
        states.source_name_vi as evidence
    from {{ ref("int_source_states") }} as states
    inner join limits on states.failing_days > limits.threshold
    where states.source_state in ('unreachable', 'refused')
)

select * from final
