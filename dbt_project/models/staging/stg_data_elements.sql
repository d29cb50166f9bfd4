select
    element_code,
    name_vi as element_name_vi,
    unit,
    agency_aggregation,
    time_aggregation,
    reported_by,
    case
        when name_vi like 'Số %' or name_vi like 'Tổng số %'
            then replace(regexp_replace(name_vi, '^(Số|Tổng số) ', ''), ' đã ', ' ')
        else unit
    end as counted_vi
from {{ source("catalogue", "data_elements") }}
