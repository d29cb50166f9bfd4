-- Data elements per file, agency and period: numbers summed over the file's rows, a yes counted as one.
-- Which column holds which element is read from the catalogue, so a new form or column needs no change here;
-- columns of one element are added up. Form F02 is by far the largest: int_service_totals reads it once for all.
{%- set columns = element_columns() | rejectattr("form_code", "equalto", "F02") | list %}
{%- set wide_forms = columns | map(attribute="form_code") | unique | list %}
with
{%- for form_code in wide_forms %}
    {%- set elements = columns | selectattr("form_code", "equalto", form_code) | groupby("element_code") %}
    {{ form_code | lower }}_totals as (
        select
            {{ lake_envelope() }},
            '{{ form_code }}' as form_code,
            {%- for element_code, parts in elements %}
                {{ sum_columns(parts) }} as {{ element_code }},
            {%- endfor %}
            min(sheet) as sheet,
            min(row_number) as row_number,
            count(*) as rows_count
        from {{ lake(form_code, new_submissions()) }}
        group by all
    ),

    {{ form_code | lower }}_elements as (
        select *
        from {{ form_code | lower }}_totals
        unpivot (
            value for element_code in (
                {%- for element_code, _ in elements %}
                    {{ element_code }}{{ "," if not loop.last }}
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
            element_code,
            {{ sum_number("value") }} as value,
            min(sheet) as sheet,
            min(row_number) as row_number,
            count(*) as rows_count
        from {{ lake(form_code, new_submissions()) }}
        where value is not null
        group by all
    ),
{% endfor %}
final as (
    {%- for form_code in wide_forms + long_forms() %}
        {{ "union all" if not loop.first }}
        select
            {{ lake_envelope() }},
            form_code,
            sheet,
            row_number,
            rows_count,
            element_code,
            value
        from {{ form_code | lower }}_elements
    {%- endfor %}
)

select * from final
