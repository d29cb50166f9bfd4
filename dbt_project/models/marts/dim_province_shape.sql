with shapes as (
    select * from {{ ref("stg_province_shapes") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

final as (
    select
        {{ surrogate_key(["shapes.agency_id", "shapes.archipelago_vi"]) }} as province_shape_key,
        shapes.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.valid_from,
        agencies.valid_to,
        agencies.is_current,
        shapes.shape_path,
        shapes.label_x,
        shapes.label_y,
        shapes.archipelago_vi is not null as is_archipelago,
        coalesce(shapes.archipelago_vi || ' (' || agencies.short_name_vi || ')', agencies.short_name_vi)
            as shape_name_vi
    from shapes
    inner join agencies on shapes.agency_id = agencies.agency_id
)

select * from final
