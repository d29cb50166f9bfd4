{#- What DuckDB and Spark say differently. A model calls one of these wherever the two differ; the rest of its SQL both
    understand. They agree on what a number is only under the settings of dbt_project/spark_build.py. -#}

{#- Every element of a list in a row of its own. -#}
{% macro unnested(list) -%}
    {{ return(adapter.dispatch("unnested")(list)) }}
{%- endmacro %}

{% macro duckdb__unnested(list) -%}
    unnest({{ list }})
{%- endmacro %}

{% macro spark__unnested(list) -%}
    explode({{ list }})
{%- endmacro %}


{#- Every one of some values in a row of its own. -#}
{% macro unnested_values(values) -%}
    {{ return(adapter.dispatch("unnested_values")(values)) }}
{%- endmacro %}

{% macro duckdb__unnested_values(values) -%}
    unnest([{{ values | join(", ") }}])
{%- endmacro %}

{% macro spark__unnested_values(values) -%}
    explode(array({{ values | join(", ") }}))
{%- endmacro %}


{#- How many elements a list has; null when there is no list. -#}
{% macro list_length(list) -%}
    {{ return(adapter.dispatch("list_length")(list)) }}
{%- endmacro %}

{% macro duckdb__list_length(list) -%}
    len({{ list }})
{%- endmacro %}

{% macro spark__list_length(list) -%}
    array_size({{ list }})
{%- endmacro %}


{#- All columns but some, for `select` or after `table.`. -#}
{% macro all_but(columns) -%}
    {{ return(adapter.dispatch("all_but")(columns)) }}
{%- endmacro %}

{% macro duckdb__all_but(columns) -%}
    * exclude ({{ columns | join(", ") }})
{%- endmacro %}

{% macro spark__all_but(columns) -%}
    * except ({{ columns | join(", ") }})
{%- endmacro %}


{#- The texts of a group as one, in an order. -#}
{% macro joined_texts(text, separator, order_by) -%}
    {{ return(adapter.dispatch("joined_texts")(text, separator, order_by)) }}
{%- endmacro %}

{% macro duckdb__joined_texts(text, separator, order_by) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{% macro spark__joined_texts(text, separator, order_by) -%}
    listagg({{ text }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro %}


{#- The first three texts of a group in an order, as one; null when there is none. -#}
{% macro first_three_texts(text, order_by) -%}
    {{ return(adapter.dispatch("first_three_texts")(text, order_by)) }}
{%- endmacro %}

{% macro duckdb__first_three_texts(text, order_by) -%}
    array_to_string(list_slice(list({{ text }} order by {{ order_by }}), 1, 3), '; ')
{%- endmacro %}

{% macro spark__first_three_texts(text, order_by) -%}
    nullif(
        array_join(
            transform(
                slice(array_sort(array_agg(struct({{ order_by }}, {{ text }} as told))), 1, 3), one -> one.told
            ),
            '; '
        ),
        ''
    )
{%- endmacro %}


{#- The middle value, of an even number of values the middle of the two in the middle, as DECIMAL(28,6). -#}
{% macro median_number(value) -%}
    {{ return(adapter.dispatch("median_number")(value)) }}
{%- endmacro %}

{% macro duckdb__median_number(value) -%}
    cast(
        0.5 * (
            quantile_disc({{ value }}, 0.5)
            + list_extract(list({{ value }} order by {{ value }}), 1 + count({{ value }}) // 2)
        )
        as decimal(28, 6)
    )
{%- endmacro %}

{% macro spark__median_number(value) -%}
    {%- set in_order = "array_sort(array_agg(" ~ value ~ "))" -%}
    {%- set half = "cast(count(" ~ value ~ ") div 2 as int)" -%}
    cast(
        0.5 * (
            element_at({{ in_order }}, cast((count({{ value }}) + 1) div 2 as int))
            + element_at({{ in_order }}, 1 + {{ half }})
        )
        as decimal(28, 6)
    )
{%- endmacro %}


{#- The last value of a window that is not null. -#}
{% macro last_known(value) -%}
    {{ return(adapter.dispatch("last_known")(value)) }}
{%- endmacro %}

{% macro duckdb__last_known(value) -%}
    last_value({{ value }} ignore nulls)
{%- endmacro %}

{% macro spark__last_known(value) -%}
    last_value({{ value }}, true)
{%- endmacro %}


{#- How the step of a recursion is added to what there is. Spark adds rows it has already: what recurs must end. -#}
{% macro recursion_union() -%}
    {{ return(adapter.dispatch("recursion_union")()) }}
{%- endmacro %}

{% macro duckdb__recursion_union() -%}
    union
{%- endmacro %}

{% macro spark__recursion_union() -%}
    union all
{%- endmacro %}


{#- The rows of several models; a column that one of them lacks is null there. -#}
{% macro rows_of_all(relations) -%}
    {{ return(adapter.dispatch("rows_of_all")(relations)) }}
{%- endmacro %}

{% macro duckdb__rows_of_all(relations) -%}
    {%- for relation in relations %}
    {{ "union all by name" if not loop.first }}
    select * from {{ relation }}
    {%- endfor %}
{%- endmacro %}

{% macro spark__rows_of_all(relations) -%}
    {%- set columns_of = {} -%}
    {%- for relation in relations if execute -%}
        {%- do columns_of.update({
            relation: adapter.get_columns_in_relation(relation) | map(attribute="name") | list
        }) -%}
    {%- endfor -%}
    {%- set names = columns_of.values() | sum(start=[]) | unique | list -%}
    {%- for relation, columns in columns_of.items() %}
    {{ "union all" if not loop.first }}
    select
        {%- for name in names %}
        {{ "null as " if name not in columns }}{{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    {%- endfor %}
{%- endmacro %}


{#- How many days a day lies after another. -#}
{% macro days_between(first, last) -%}
    {{ return(adapter.dispatch("days_between")(first, last)) }}
{%- endmacro %}

{% macro duckdb__days_between(first, last) -%}
    ({{ last }} - {{ first }})
{%- endmacro %}

{% macro spark__days_between(first, last) -%}
    datediff({{ last }}, {{ first }})
{%- endmacro %}


{#- A day some months later. -#}
{% macro months_later(day, months) -%}
    {{ return(adapter.dispatch("months_later")(day, months)) }}
{%- endmacro %}

{% macro duckdb__months_later(day, months) -%}
    {{ day }} + to_months({{ months }})
{%- endmacro %}

{% macro spark__months_later(day, months) -%}
    add_months({{ day }}, {{ months }})
{%- endmacro %}


{#- A day as people write it: 22/08/2022. -#}
{% macro vi_date(day) -%}
    {{ return(adapter.dispatch("vi_date")(day)) }}
{%- endmacro %}

{% macro duckdb__vi_date(day) -%}
    strftime({{ day }}, '%d/%m/%Y')
{%- endmacro %}

{% macro spark__vi_date(day) -%}
    date_format({{ day }}, 'dd/MM/yyyy')
{%- endmacro %}


{#- Month and day: 08-22. -#}
{% macro month_and_day(day) -%}
    {{ return(adapter.dispatch("month_and_day")(day)) }}
{%- endmacro %}

{% macro duckdb__month_and_day(day) -%}
    strftime({{ day }}, '%m-%d')
{%- endmacro %}

{% macro spark__month_and_day(day) -%}
    date_format({{ day }}, 'MM-dd')
{%- endmacro %}


{#- The whole part of a number with a point between thousands: 13.042.570. -#}
{% macro vi_whole_number(value) -%}
    {{ return(adapter.dispatch("vi_whole_number")(value)) }}
{%- endmacro %}

{% macro duckdb__vi_whole_number(value) -%}
    format('{:t.}', cast(floor(abs({{ value }})) as hugeint))
{%- endmacro %}

{% macro spark__vi_whole_number(value) -%}
    replace(format_number(floor(abs({{ value }})), 0), ',', '.')
{%- endmacro %}


{#- A text without the zeros it ends in. -#}
{% macro without_last_zeros(text) -%}
    {{ return(adapter.dispatch("without_last_zeros")(text)) }}
{%- endmacro %}

{% macro duckdb__without_last_zeros(text) -%}
    rtrim({{ text }}, '0')
{%- endmacro %}

{% macro spark__without_last_zeros(text) -%}
    trim(trailing '0' from {{ text }})
{%- endmacro %}


{#- Quotient as DECIMAL(28,6), rounded half up; null when the denominator is 0 or null. Whole-number arithmetic:
    DuckDB divides decimals as floating point, and sums of those differ between runs. -#}
{% macro divide(numerator, denominator, times=1) -%}
    {{ return(adapter.dispatch("divide")(numerator, denominator, times)) }}
{%- endmacro %}

{% macro duckdb__divide(numerator, denominator, times) -%}
    cast(
        cast(
            case when {{ numerator }} < 0 then -1 else 1 end
            * (
                (
                    cast(abs({{ numerator }}) * 1000000 as hugeint) * {{ 2000000 * times }}
                    + cast({{ denominator }} * 1000000 as hugeint)
                )
                // nullif(2 * cast({{ denominator }} * 1000000 as hugeint), 0)
            )
            as decimal(32, 0)
        )
        * cast(0.000001 as decimal(6, 6))
        as decimal(28, 6)
    )
{%- endmacro %}

{% macro spark__divide(numerator, denominator, times) -%}
    {%- set whole = "cast(cast(" ~ denominator ~ " as decimal(38, 12)) * 1000000 as decimal(38, 0))" -%}
    cast(
        cast(
            case when {{ numerator }} < 0 then -1 else 1 end
            * (
                (
                    cast(cast(abs({{ numerator }}) as decimal(38, 12)) * 1000000 as decimal(38, 0)) * {{ 2000000 * times }}
                    + {{ whole }}
                )
                div nullif(2 * {{ whole }}, 0)
            )
            as decimal(32, 0)
        )
        * cast(0.000001 as decimal(6, 6))
        as decimal(28, 6)
    )
{%- endmacro %}
