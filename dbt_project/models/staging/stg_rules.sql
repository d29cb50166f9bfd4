select
    rule_id,
    kind as rule_kind,
    form_code,
    severity,
    category,
    message_vi,
    mend_vi,
    legal_basis
from {{ source("catalogue", "rules") }}
