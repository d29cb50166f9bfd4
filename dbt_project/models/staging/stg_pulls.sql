select
    source_id,
    pulled_on
from {{ source("inputs", "pulls") }}
