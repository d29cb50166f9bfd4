select
    {{ lake_envelope() }},
    sheet,
    row_number,
    unit_id,
    form_code as unit_form_code,
    upper(receipt) as receipt,
    decision,
    note
from {{ lake("F09", new_submissions()) }}
