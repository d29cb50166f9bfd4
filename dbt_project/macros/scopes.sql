{#- Whether an item of a scope names an agency: `kind:…`, `agency:…` or `units_of:…`. -#}
{% macro names_agency(item, agencies) -%}
    (
        {{ item }} = 'kind:' || {{ agencies }}.agency_kind
        or {{ item }} = 'agency:' || {{ agencies }}.agency_id
        or {{ item }} = 'units_of:' || {{ agencies }}.parent_id
    )
{%- endmacro %}
