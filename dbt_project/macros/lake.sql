{#- Every accepted file of a form, and an empty one, so that a form nobody has sent still has its columns.
    Files the ledger does not name do not exist. -#}
{% macro lake(form_code) -%}
    {%- set submissions = source("inputs", "submissions") -%}
    {%- set paths = ["inputs/empty/" ~ form_code ~ ".parquet"] -%}
    {%- if execute -%}
        {%- set query = "select lake_path from " ~ submissions ~ " where form_code = '" ~ form_code ~ "' order by 1" -%}
        {%- set paths = paths + run_query(query).columns[0].values() | list -%}
    {%- endif -%}
    read_parquet(
        [
            {%- for path in paths %}
            '{{ path | replace("'", "''") }}'{{ "," if not loop.last }}
            {%- endfor %}
        ],
        union_by_name = true
    )
{%- endmacro %}


{#- The columns of a form that hold data elements, as the catalogue lists them. -#}
{% macro element_columns() -%}
    {%- set form_columns = source("catalogue", "form_columns") -%}
    {%- if execute -%}
        {%- set query -%}
            select form_code, column_name, element_code
            from {{ form_columns }}
            where element_code is not null
            order by form_code, position
        {%- endset -%}
        {{ return(run_query(query).rows | list) }}
    {%- endif -%}
    {{ return([]) }}
{%- endmacro %}


{#- Forms whose rows each name their data element, in a column `element_code` beside a column `value`. -#}
{% macro long_forms() -%}
    {%- set form_columns = source("catalogue", "form_columns") -%}
    {%- if execute -%}
        {%- set query -%}
            select form_code
            from {{ form_columns }}
            where column_name in ('element_code', 'value')
            group by form_code
            having count(*) = 2
            order by form_code
        {%- endset -%}
        {{ return(run_query(query).columns[0].values() | list) }}
    {%- endif -%}
    {{ return([]) }}
{%- endmacro %}


{#- What every lake row carries before the columns of its form. -#}
{% macro lake_envelope() -%}
    submission_id,
    agency_id,
    reported_by,
    {{ lake_period() }},
    known_from
{%- endmacro %}


{% macro lake_period() -%}
    period_code,
    period_start,
    period_end,
    period_known
{%- endmacro %}
