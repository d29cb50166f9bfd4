select
    system_code,
    name_vi as system_name_vi,
    name_en as system_name_en
from {{ source("catalogue", "systems") }}
