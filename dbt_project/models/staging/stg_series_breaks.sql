select
    kpi_code,
    break_on,
    reason_vi
from {{ source("catalogue", "series_breaks") }}
