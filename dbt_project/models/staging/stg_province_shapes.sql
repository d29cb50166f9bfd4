select
    agency_id,
    path as shape_path,
    label_x,
    label_y,
    nullif(archipelago_vi, '') as archipelago_vi
from {{ source("catalogue", "province_shapes") }}
