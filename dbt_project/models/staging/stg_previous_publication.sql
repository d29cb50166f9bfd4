select
    publication_id,
    as_of,
    input_sequence,
    catalogue_sha256
from {{ source("inputs", "previous_publication") }}
