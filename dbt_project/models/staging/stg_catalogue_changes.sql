select
    table_name,
    row_key,
    kpi_code,
    element_code,
    target_id,
    change_vi
from {{ source("inputs", "catalogue_changes") }}
