select
    submission_id,
    reported_by,
    form_code,
    period_code,
    revision,
    decision_number,
    received_on,
    known_from,
    outcome,
    is_nil,
    file_name,
    sha256,
    origin,
    receipt_number,
    upper(receipt_number || '/' || agency_code) as receipt
from {{ source("inputs", "submissions") }}
