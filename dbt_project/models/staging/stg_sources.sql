select
    source_id,
    name_vi as source_name_vi,
    agency_code,
    expected_days
from {{ source("catalogue", "sources") }}
