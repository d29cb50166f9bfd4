select
    agency_id,
    members,
    min_coverage_pct
from {{ source("catalogue", "agency_groups") }}
