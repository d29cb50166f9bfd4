select
    correction_id,
    agency_id,
    element_code,
    period_code,
    form_code,
    value_found,
    value_corrected,
    reason_vi,
    author,
    decided_on,
    expires_on,
    evidence
from {{ source("catalogue", "corrections") }}
