{#- Numerator over denominator in percent, 0-100. -#}
{% macro ratio_pct(numerator, denominator) -%}
    {{ divide(numerator, denominator, times=100) }}
{%- endmacro %}


{#- Ten to the power of minus `decimals`, half of it: how far a printed number may be from the exact one. -#}
{% macro half_unit(decimals) -%}
    cast(0.5 * power(10, -({{ decimals }})) as decimal(28, 6))
{%- endmacro %}


{#- A number as Vietnamese text, with just the decimals it needs: 13.042.570, 28,5. -#}
{% macro vi_number(value) -%}
    case when {{ value }} < 0 then '-' else '' end
    || {{ vi_whole_number(value) }}
    || case
        when {{ value }} <> floor({{ value }})
            then ',' || {{ without_last_zeros(
                "split_part(cast(cast(" ~ value ~ " as decimal(28, 6)) as " ~ dbt.type_string() ~ "), '.', 2)"
            ) }}
        else ''
    end
{%- endmacro %}


{#- A number as Vietnamese text with two decimals: 97,67. Most are percentages, which need no thousands. -#}
{% macro vi_number_2(value) -%}
    case
        when abs({{ value }}) < 999 then replace(cast(round({{ value }}, 2) as {{ dbt.type_string() }}), '.', ',')
        else
            case when {{ value }} < 0 then '-' else '' end
            || {{ vi_whole_number("cast(" ~ value ~ " as decimal(28, 2))") }}
            || ',' || split_part(cast(cast({{ value }} as decimal(28, 2)) as {{ dbt.type_string() }}), '.', 2)
    end
{%- endmacro %}


{#- A KPI value as people read it: '32,00 %', '≈ 40 %', '50–75 %', '13.042.570'; null without a value. -#}
{% macro value_text_vi(value, bound, value_low, value_high, unit) -%}
    case
        when {{ bound }} = 'range'
            then {{ vi_number(value_low) }} || '–' || {{ vi_number(value_high) }}
        when {{ bound }} = '=' and {{ unit }} = '%' then {{ vi_number_2(value) }}
        when {{ bound }} = '=' then {{ vi_number(value) }}
        else {{ bound }} || ' ' || {{ vi_number(value) }}
    end
    || case when {{ unit }} = '%' then ' %' else '' end
{%- endmacro %}


{#- A sum as DECIMAL(28,6); null when there is nothing to sum. -#}
{% macro sum_number(value) -%}
    cast(sum({{ value }}) as decimal(28, 6))
{%- endmacro %}


{#- How many rows satisfy a condition, as DECIMAL(28,6). -#}
{% macro count_rows(condition="true") -%}
    cast(count(*) filter (where {{ condition }}) as decimal(28, 6))
{%- endmacro %}
