select
    obligation_code,
    legal_basis
from {{ source("catalogue", "reporting_obligations") }}
