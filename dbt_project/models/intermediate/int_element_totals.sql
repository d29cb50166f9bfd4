-- Data elements per file, agency and period: numbers summed over the file's rows, a yes counted as one.
-- Which column holds which element is read from the catalogue, so a new form or column needs no change here.
{%- set columns = element_columns() %}
with
{%- for form_code in columns | map(attribute="form_code") | unique %}
{{ form_code | lower }}_totals as (
    select
        {{ lake_envelope() }},
        '{{ form_code }}' as form_code,
        min(sheet) as sheet,
        min(row_number) as row_number,
        count(*) as rows_count,
        {%- for column in columns if column.form_code == form_code %}
        cast(sum(cast({{ column.column_name }} as decimal(28, 6))) as decimal(28, 6)) as {{ column.element_code }},
        {%- endfor %}
    from {{ lake(form_code) }}
    group by all
),

{{ form_code | lower }}_elements as (
    select *
    from {{ form_code | lower }}_totals
    unpivot (
        value for element_code in (
            {%- for column in columns if column.form_code == form_code %}
            {{ column.element_code }}{{ "," if not loop.last }}
            {%- endfor %}
        )
    )
),
{% endfor %}
{%- for form_code in long_forms() %}
{{ form_code | lower }}_elements as (
    select
        {{ lake_envelope() }},
        '{{ form_code }}' as form_code,
        min(sheet) as sheet,
        min(row_number) as row_number,
        count(*) as rows_count,
        element_code,
        cast(sum(value) as decimal(28, 6)) as value,
    from {{ lake(form_code) }}
    where value is not null
    group by all
),
{% endfor %}
final as (
    {%- for form_code in (columns | map(attribute="form_code") | unique | list) + long_forms() %}
    select
        {{ lake_envelope() }},
        form_code,
        sheet,
        row_number,
        rows_count,
        element_code,
        value,
    from {{ form_code | lower }}_elements
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
