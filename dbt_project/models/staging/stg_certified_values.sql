select
    certified_publication_id,
    agency_id,
    kpi_code,
    {{ lake_period() }},
    basis,
    value,
    value_low,
    value_high,
    bound,
    numerator,
    denominator,
    no_value_reason,
    status,
    target_id,
    target_value,
    rank,
    submission_id
from {{ source("archive", "certified_values") }}
