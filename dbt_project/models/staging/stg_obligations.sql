select
    obligation_code,
    agency_id,
    form_code,
    period_code,
    {{ period_start("period_code") }} as period_start,
    cutoff_on,
    due_on,
    closes_on
from {{ source("inputs", "obligations") }}
