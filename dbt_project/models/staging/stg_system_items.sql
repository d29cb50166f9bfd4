select
    system_code,
    item_code,
    position as item_position,
    name_vi as item_name_vi,
    name_en as item_name_en,
    kpi_code,
    element_code,
    target_id,
    legal_basis,
    case
        when kpi_code is not null then 'kpi'
        when element_code is not null then 'element'
        else 'milestone'
    end as measure_kind
from {{ source("catalogue", "system_items") }}
