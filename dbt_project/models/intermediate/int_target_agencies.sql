-- Which agencies a target is for, whenever they existed, without those it leaves out; rank 1 is the most specific
-- way of naming them.
with targets as (
    select * from {{ ref("stg_targets") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

scope_items as (
    select
        target_id,
        false as is_excluded,
        {{ unnested("scope") }} as item
    from targets
    union all
    select
        target_id,
        true as is_excluded,
        {{ unnested("excluded_scope") }} as item
    from targets
),

matched as (
    select
        scope_items.target_id,
        scope_items.is_excluded,
        agencies.agency_id,
        case split_part(scope_items.item, ':', 1)
            when 'agency' then 1
            when 'units_of' then 2
            when 'kind' then 3
            else 4
        end as scope_rank
    from scope_items
    inner join agencies
        on
            {{ names_agency("scope_items.item", "agencies") }}
            or (scope_items.item = 'nation' and agencies.agency_id = 'VN@0001-01-01')
),

final as (
    select
        target_id,
        agency_id,
        min(scope_rank) as scope_rank
    from matched
    group by target_id, agency_id
    having not bool_or(is_excluded)
)

select * from final
