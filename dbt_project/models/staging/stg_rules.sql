select
    rule_id,
    kind as rule_kind,
    form_code,
    severity,
    category,
    threshold,
    minimum,
    message_vi,
    mend_vi,
    legal_basis
from {{ source("catalogue", "rules") }}
