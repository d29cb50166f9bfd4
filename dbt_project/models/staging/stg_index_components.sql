select
    index_code,
    formula_version,
    kpi_code,
    group_code,
    group_name_vi,
    group_name_en,
    max_score,
    full_mark_pct,
    no_case_score,
    scope,
    legal_basis
from {{ source("catalogue", "index_components") }}
