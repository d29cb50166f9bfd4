select
    state_id,
    source_id,
    state as source_state,
    place,
    began_on
from {{ source("inputs", "source_states") }}
