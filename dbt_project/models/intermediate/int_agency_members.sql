-- Whose figures add up to whose: units to the body above them, agencies to the collectives the catalogue sums.
with agencies as (
    select * from {{ ref("int_agencies") }}
),

group_items as (
    select
        agency_id,
        min_coverage_pct,
        {{ unnested("members") }} as item
    from {{ ref("stg_agency_groups") }}
),

units as (
    select
        parent_id as agency_id,
        agency_id as member_id,
        valid_from,
        valid_until,
        cast(100 as decimal(28, 6)) as min_coverage_pct,
        true as is_unit
    from agencies
    where agency_kind = 'unit' and parent_id is not null
),

grouped as (
    select distinct
        group_items.agency_id,
        agencies.agency_id as member_id,
        agencies.valid_from,
        agencies.valid_until,
        group_items.min_coverage_pct,
        false as is_unit
    from group_items
    inner join agencies on {{ names_agency("group_items.item", "agencies") }}
),

final as (
    select * from units
    union all
    select * from grouped
)

select * from final
