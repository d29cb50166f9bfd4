select
    element_code,
    name_vi as element_name_vi,
    unit,
    agency_aggregation
from {{ source("catalogue", "data_elements") }}
