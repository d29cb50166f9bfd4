select
    element_code,
    name_vi as element_name_vi,
    unit,
    agency_aggregation,
    time_aggregation,
    reported_by,
    case
        when regexp_matches(name_vi, '^(Số|Tổng số) ')
            then replace(regexp_replace(name_vi, '^(Số|Tổng số) ', ''), ' đã ', ' ')
        else unit
    end as counted_vi
from {{ source("catalogue", "data_elements") }}
