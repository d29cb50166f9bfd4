with canary as (
    select * from {{ ref("stg_canary_submissions") }}
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

final as (
    select
        canary.canary_id,
        canary.decision_number,
        canary.received_on,
        canary.visits_count
    from canary
    cross join parameters
    where canary.received_on <= parameters.as_of
)

select * from final
