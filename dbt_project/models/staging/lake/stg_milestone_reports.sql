select
    {{ lake_envelope() }},
    sheet,
    row_number,
    milestone_code,
    state,
    completed_on,
    done_count,
    planned_count,
    obstacle,
    proposal
from {{ lake("F05", new_submissions()) }}
