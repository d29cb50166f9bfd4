select
    decision_id,
    finding_key,
    kind as decision_kind,
    reason,
    author,
    decided_on,
    expires_on,
    found,
    evidence
from {{ source("inputs", "finding_decisions") }}
