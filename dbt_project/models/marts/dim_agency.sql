with agencies as (
    select * from {{ ref("int_agencies") }}
),

final as (
    select
        agency_id,
        agency_code,
        agency_name_vi,
        short_name_vi,
        name_en,
        agency_kind,
        {{ agency_kind_vi("agency_kind") }} as agency_kind_vi,
        parent_id,
        valid_from,
        valid_to,
        is_current,
        successor_id,
        current_agency_id,
        current_agency_code,
        current_agency_name_vi,
        code_official,
        may_publish,
        verify_status
    from agencies
)

select * from final
