select
    kpi_code,
    formula_version,
    valid_from,
    name_vi as kpi_name_vi,
    name_en as kpi_name_en,
    kind as kpi_kind,
    unit,
    direction,
    numerator_element,
    denominator_element,
    definition_vi,
    formula_vi,
    is_headline as is_headline_kpi,
    system_code,
    legal_basis,
    coalesce(valid_to, date '9999-12-31') as valid_until
from {{ source("catalogue", "kpis") }}
