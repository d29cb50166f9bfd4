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
            "((required_value - (" ~ baseline ~ ")) * (" ~ days_between("effective_from", "period_end") ~ " + 1))",
            "(" ~ days_between("effective_from", "deadline") ~ " + 1)"
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


{#- How far a value must still move to satisfy `operator required`: 0 once it does. -#}
{% macro shortfall(operator, value, required) -%}
    case
        when left({{ operator }}, 1) = '>' then greatest({{ required }} - {{ value }}, 0)
        else least({{ required }} - {{ value }}, 0)
    end
{%- endmacro %}


{#- A change over some days as the change over 30 days. -#}
{% macro per_30_days(change, days) -%}
    {{ divide("((" ~ change ~ ") * 30)", "(" ~ days ~ ")") }}
{%- endmacro %}


{#- Where the straight line through a first and a last value arrives on a day. -#}
{% macro line_at(first_value, first_on, last_value, last_on, day) -%}
    cast(
        {{ last_value }}
        + {{ divide(
            "((" ~ last_value ~ " - " ~ first_value ~ ") * " ~ days_between(last_on, day) ~ ")",
            days_between(first_on, last_on)
        ) }}
        as decimal(28, 6)
    )
{%- endmacro %}
