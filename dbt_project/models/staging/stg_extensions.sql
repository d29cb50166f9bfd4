select
    extension_id,
    agency_id,
    form_code,
    period_code,
    extended_to,
    reason as extension_reason,
    approver as extension_approver,
    granted_on
from {{ source("inputs", "extensions") }}
