select
    agency_id,
    valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_until
from {{ source("catalogue", "focal_points") }}
