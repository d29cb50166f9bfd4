select
    period_code,
    period_start,
    period_end,
    part_code,
    step
from {{ source("inputs", "period_parts") }}
