{#- Every value of these columns that is not null is found in the model it belongs to: {column: model}. -#}
{% test belongs_to(model, links) %}
with children as (
    select * from {{ model }}
)

{% for column, parent in links.items() %}
select distinct
    '{{ column }}' as column_name,
    child.{{ column }} as orphan
from children as child
left join {{ ref(parent) }} as parent on child.{{ column }} = parent.{{ "agency_id" if parent == "dim_agency" else column }}
where child.{{ column }} is not null and parent.{{ "agency_id" if parent == "dim_agency" else column }} is null
{{ "union all" if not loop.last }}
{%- endfor %}
{% endtest %}
