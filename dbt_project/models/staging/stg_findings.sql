select
    submission_id,
    position,
    rule_id,
    severity,
    sheet,
    row_number,
    column_name,
    cell,
    found,
    expected,
    message_vi,
    mend_vi,
    agency_id,
    kpi_code,
    period_code
from {{ source("inputs", "findings") }}
