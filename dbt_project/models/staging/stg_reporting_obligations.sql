select
    obligation_code,
    form_code,
    scope,
    valid_from,
    legal_basis,
    coalesce(valid_to, date '9999-12-31') as valid_until
from {{ source("catalogue", "reporting_obligations") }}
