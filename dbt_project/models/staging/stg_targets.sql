select
    target_id,
    kpi_code,
    name_vi as target_name_vi,
    target_type,
    operator,
    target_value,
    unit,
    scope,
    scope_vi,
    responsible_vi,
    effective_from,
    deadline,
    issuing_level,
    legal_basis,
    exclusion_vi,
    target_type in ('milestone', 'qualitative') as is_milestone
from {{ source("catalogue", "targets") }}
