{%- set columns = element_columns() | selectattr("form_code", "equalto", "F02") | map(attribute="column_name") | list %}
{%- set counted = ["dossiers_total", "dossiers_online"] %}
select
    {{ lake_envelope() }},
    sheet,
    row_number,
    {%- for column in (counted + columns) | unique %}
        {{ column }},
    {%- endfor %}
    service_level
from {{ lake("F02", new_submissions()) }}
