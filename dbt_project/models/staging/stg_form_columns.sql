select
    form_code,
    column_name,
    is_required,
    element_code
from {{ source("catalogue", "form_columns") }}
