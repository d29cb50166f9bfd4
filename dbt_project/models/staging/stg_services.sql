select
    {{ lake_envelope() }},
    sheet,
    row_number,
    service_level,
    dossiers_total,
    dossiers_online
from {{ lake("F02", new_submissions()) }}
