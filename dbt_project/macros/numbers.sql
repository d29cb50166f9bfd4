{#- Quotient as DECIMAL(28,6), rounded half up; null when the denominator is 0 or null. Whole-number arithmetic:
    DuckDB divides decimals as floating point, and sums of those differ between runs. -#}
{% macro divide(numerator, denominator, times=1) -%}
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
    || format('{:t.}', cast(floor(abs({{ value }})) as hugeint))
    || case
        when {{ value }} <> floor({{ value }})
            then ',' || rtrim(split_part(cast(cast({{ value }} as decimal(28, 6)) as varchar), '.', 2), '0')
        else ''
    end
{%- endmacro %}


{#- A number as Vietnamese text with two decimals: 97,67. Most are percentages, which need no thousands. -#}
{% macro vi_number_2(value) -%}
    case
        when abs({{ value }}) < 999 then replace(cast(round({{ value }}, 2) as varchar), '.', ',')
        else
            case when {{ value }} < 0 then '-' else '' end
            || format('{:t.}', cast(floor(abs(cast({{ value }} as decimal(28, 2)))) as hugeint))
            || ',' || split_part(cast(cast({{ value }} as decimal(28, 2)) as varchar), '.', 2)
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
