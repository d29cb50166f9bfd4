with members as (
    select * from {{ ref("int_agency_members") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

final as (
    select
        {{ surrogate_key(["members.agency_id", "members.member_id"]) }} as agency_member_key,
        members.agency_id,
        wholes.agency_code,
        wholes.agency_name_vi,
        members.member_id,
        parts.agency_code as member_code,
        parts.agency_name_vi as member_name_vi,
        members.valid_from,
        parts.valid_to,
        members.min_coverage_pct
    from members
    inner join agencies as wholes on members.agency_id = wholes.agency_id
    inner join agencies as parts on members.member_id = parts.agency_id
)

select * from final
