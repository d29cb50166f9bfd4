select
    {{ restatement_columns() }}
from {{ source("archive", "archived_restatements") }}
