select
    period_code,
    state,
    closed_on,
    certified_publication_id,
    certified_on,
    certified_by,
    certification_comment
from {{ source("inputs", "period_states") }}
