select
    submission_id,
    reported_by,
    form_code,
    period_code,
    received_on
from {{ source("inputs", "refusals") }}
