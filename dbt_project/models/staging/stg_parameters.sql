select
    as_of,
    catalogue_sha256
from {{ source("inputs", "parameters") }}
