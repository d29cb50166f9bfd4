{#- Whether every value between two bounds satisfies `operator threshold`; a missing bound is no limit.
    Bounds belong to the interval: "trên 20%" may be 20 % itself. -#}
{% macro all_meet(operator, value_low, value_high, threshold) -%}
    coalesce(
        case {{ operator }}
            when '>=' then {{ value_low }} >= {{ threshold }}
            when '>' then {{ value_low }} > {{ threshold }}
            when '<=' then {{ value_high }} <= {{ threshold }}
            when '<' then {{ value_high }} < {{ threshold }}
        end,
        false
    )
{%- endmacro %}


{#- Whether no value between two bounds satisfies `operator threshold`. -#}
{% macro none_meet(operator, value_low, value_high, threshold) -%}
    coalesce(
        case {{ operator }}
            when '>=' then {{ value_high }} < {{ threshold }}
            when '>' then {{ value_high }} <= {{ threshold }}
            when '<=' then {{ value_low }} > {{ threshold }}
            when '<' then {{ value_low }} >= {{ threshold }}
        end,
        false
    )
{%- endmacro %}


{#- The value expected on the last day of a period: from a baseline to the target, in step with the time. -#}
{% macro pace(baseline) -%}
    cast(
        {{ baseline }}
        + {{ divide(
            "((required_value - (" ~ baseline ~ ")) * (period_end - effective_from + 1))",
            "(deadline - effective_from + 1)"
        ) }}
        as decimal(28, 6)
    )
{%- endmacro %}


{#- How many of `denominator` a required percentage means in whole units. -#}
{% macro required_units(operator, required_pct, denominator) -%}
    case {{ operator }}
        when '>=' then ceil({{ required_pct }} * {{ denominator }} * 0.01)
        when '>' then floor({{ required_pct }} * {{ denominator }} * 0.01) + 1
        when '<=' then floor({{ required_pct }} * {{ denominator }} * 0.01)
        when '<' then ceil({{ required_pct }} * {{ denominator }} * 0.01) - 1
    end
{%- endmacro %}
