select
    element_code,
    name_vi as element_name_vi,
    unit,
    agency_aggregation,
    time_aggregation,
    reported_by
from {{ source("catalogue", "data_elements") }}
