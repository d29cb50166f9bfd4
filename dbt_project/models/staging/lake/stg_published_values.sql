select
    {{ lake_envelope() }},
    sheet,
    row_number,
    kpi_code,
    value_as_printed,
    stated_value,
    bound,
    value_low,
    value_high,
    decimals,
    printed_unit,
    numerator,
    denominator
from {{ lake("F07", new_submissions()) }}
