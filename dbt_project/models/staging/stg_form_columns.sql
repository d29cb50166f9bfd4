select
    form_code,
    column_name,
    element_code
from {{ source("catalogue", "form_columns") }}
