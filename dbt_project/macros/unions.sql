{#- Columns that one branch of a union knows nothing about. -#}
{% macro nulls(columns) -%}
    {% for column in columns -%}
        null as {{ column }}{{ ", " if not loop.last }}
    {%- endfor %}
{%- endmacro %}
