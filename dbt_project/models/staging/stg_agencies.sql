select
    agency_id,
    agency_code,
    name_vi as agency_name_vi,
    short_name_vi,
    name_en,
    kind as agency_kind,
    parent_id,
    valid_from,
    valid_to,
    code_official,
    may_publish,
    verify_status,
    coalesce(valid_to, date '9999-12-31') as valid_until
from {{ source("catalogue", "agencies") }}
