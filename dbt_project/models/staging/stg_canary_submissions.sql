select
    canary_id,
    decision_number,
    received_on,
    visits_count
from {{ source("inputs", "canary_submissions") }}
