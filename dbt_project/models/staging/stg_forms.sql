select
    form_code,
    name_vi as form_name_vi,
    source
from {{ source("catalogue", "forms") }}
