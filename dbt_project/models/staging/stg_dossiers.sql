select
    {{ lake_envelope() }},
    sheet,
    row_number,
    received_on,
    channel,
    due_on,
    returned_on,
    state
from {{ lake("F08", new_submissions()) }}
