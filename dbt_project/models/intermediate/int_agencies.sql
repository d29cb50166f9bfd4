-- Every agency with the agency that answers for it on the as-of day, found along the main successions.
with recursive agencies as (
    select * from {{ ref("stg_agencies") }}
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

successions as (
    select
        successions.from_agency_id,
        successions.to_agency_id
    from {{ ref("stg_agency_successions") }} as successions
    inner join parameters on successions.effective_on <= parameters.as_of
    where successions.is_main
),

lineage (agency_id, later_id) as (
    select
        agency_id,
        agency_id as later_id
    from agencies
    {{ recursion_union() }}
    select
        lineage.agency_id,
        successions.to_agency_id as later_id
    from lineage
    inner join successions on lineage.later_id = successions.from_agency_id
),

current_agencies as (
    select
        agencies.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi
    from agencies
    inner join parameters on parameters.as_of between agencies.valid_from and agencies.valid_until
),

heirs as (
    select
        lineage.agency_id,
        current_agencies.agency_id as current_agency_id,
        current_agencies.agency_code as current_agency_code,
        current_agencies.agency_name_vi as current_agency_name_vi
    from lineage
    inner join current_agencies on lineage.later_id = current_agencies.agency_id
),

final as (
    select
        agencies.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.short_name_vi,
        agencies.name_en,
        agencies.agency_kind,
        agencies.parent_id,
        agencies.valid_from,
        agencies.valid_to,
        agencies.valid_until,
        agencies.code_official,
        agencies.may_publish,
        agencies.verify_status,
        successions.to_agency_id as successor_id,
        heirs.current_agency_id,
        heirs.current_agency_code,
        heirs.current_agency_name_vi,
        coalesce(agencies.agency_id = heirs.current_agency_id, false) as is_current,
        case
            when agencies.agency_kind in ('ministry', 'ministry_level') then 'ministry'
            when agencies.agency_kind = 'province' then 'province'
        end as rank_group
    from agencies
    left join successions on agencies.agency_id = successions.from_agency_id
    left join heirs on agencies.agency_id = heirs.agency_id
)

select * from final
