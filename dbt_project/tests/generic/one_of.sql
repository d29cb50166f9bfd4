{#- Columns hold these values only: {column: [values]}; with `null` among them a column may be empty. -#}
{% test one_of(model, allowed) %}
{%- for column, values in allowed.items() %}
select
    '{{ column }}' as column_name,
    {{ column }} as found,
    count(*) as rows_count
from {{ model }}
where
    {{ column }} not in (
        {%- for value in values if value is not none %}'{{ value }}'{{ ", " if not loop.last }}{% endfor -%}
    )
    {%- if none not in values %}
    or {{ column }} is null
    {%- endif %}
group by {{ column }}
{{ "union all" if not loop.last }}
{%- endfor %}
{% endtest %}
