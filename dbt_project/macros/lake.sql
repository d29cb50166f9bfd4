{#- Rows of accepted files of a form, and an empty file, so that a form nobody has sent still has its columns.
    Files the ledger does not name do not exist. `submissions` is SQL that gives the ids of those to be read. -#}
{% macro lake(form_code, submissions) -%}
    {{ return(adapter.dispatch("lake")(form_code, submissions)) }}
{%- endmacro %}

{% macro duckdb__lake(form_code, submissions) -%}
    {%- set accepted = source("inputs", "submissions") -%}
    {%- set paths = ["inputs/empty/" ~ form_code ~ ".parquet"] -%}
    {%- if execute -%}
        {%- set query -%}
            select lake_path
            from {{ accepted }}
            where form_code = '{{ form_code }}' and submission_id in ({{ submissions }})
            order by lake_path
        {%- endset -%}
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

{#- A cluster reads all accepted files of a form as one table: dbt_project/spark_build.py makes it. -#}
{% macro spark__lake(form_code, submissions) -%}
    (select * from lake.{{ form_code }} where submission_id in ({{ submissions }}))
{%- endmacro %}


{#- Submissions whose rows no earlier build has read, so that nothing of theirs was carried over. -#}
{% macro new_submissions() -%}
    select submission_id from {{ source("inputs", "submissions") }}
    {%- if not flags.FULL_REFRESH %}
    except
    select submission_id from {{ source("inputs", "carried_submissions") }}
    {%- endif %}
{%- endmacro %}


{#- The columns of a form that hold data elements, as the catalogue lists them. -#}
{% macro element_columns() -%}
    {%- set form_columns = source("catalogue", "form_columns") -%}
    {%- if execute -%}
        {%- set query -%}
            select form_code, column_name, element_code, data_type
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


{#- The sum over rows of the columns that hold one data element, as DECIMAL(28,6); a yes counts as one. -#}
{% macro sum_columns(columns) -%}
    {%- set cells = [] -%}
    {%- for column in columns -%}
        {%- set cell = column.column_name -%}
        {%- do cells.append("cast(" ~ cell ~ " as integer)" if column.data_type == "yes_no" else cell) -%}
    {%- endfor -%}
    {{ sum_number(cells | join(" + ")) }}
{%- endmacro %}


{#- What every lake row carries before the columns of its form. -#}
{% macro lake_envelope() -%}
    submission_id,
    agency_id,
    reported_by,
    {{ lake_period() }},
    known_from
{%- endmacro %}


{#- Data elements counted in the columns of `totals`, a row each. -#}
{% macro elements_of_totals(form_code, element_codes) -%}
    select
        {{ lake_envelope() | indent(4) }},
        '{{ form_code }}' as form_code,
        sheet,
        row_number,
        rows_count,
        element_code,
        value
    from totals
    unpivot (
        value for element_code in ({{ element_codes | join(", ") }})
    )
{%- endmacro %}


{% macro lake_period() -%}
    period_code,
    period_start,
    period_end,
    period_known
{%- endmacro %}


{#- Whether dossiers can be sent in through the network: from level 3 up. Level 4 and "toàn trình" are two sets. -#}
{% macro is_online_service(level) -%}
    {{ level }} in ('mức 3', 'mức 4', 'một phần', 'toàn trình')
{%- endmacro %}
