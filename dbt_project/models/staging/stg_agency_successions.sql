select
    from_agency_id,
    to_agency_id,
    effective_on,
    is_main
from {{ source("catalogue", "agency_successions") }}
