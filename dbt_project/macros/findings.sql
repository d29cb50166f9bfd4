{#- What a finding is about, as one key: of whom, in whose report of which form and period, which KPI, data element
    or row, and which column of it. -#}
{% macro place_key(
    subject,
    agency_id="agency_id",
    form_code="form_code",
    period_code="period_code",
    reported_by="null",
    report_period_code="null",
    column_name="null",
    place_number="1"
) -%}
    {{ surrogate_key([
        reported_by, form_code, report_period_code, agency_id, period_code, subject, column_name, place_number
    ]) }}
{%- endmacro %}


{#- A rule's text with its {words} filled in. -#}
{% macro fill_in(text, words) -%}
    {%- for word in words %}replace({% endfor -%}
    {{ text }}
    {%- for word, told in words.items() -%}
        , '{{ "{" ~ word ~ "}" }}', coalesce({{ told }}, ''))
    {%- endfor -%}
{%- endmacro %}


{#- What a rule needs to know of the catalogue: its limits. -#}
{% macro limits_of(rule_id) -%}
    select
        threshold,
        minimum
    from {{ ref("stg_rules") }}
    where rule_id = '{{ rule_id }}'
{%- endmacro %}


{#- A percentage or a count as people read it. -#}
{% macro figure_vi(value, is_pct) -%}
    case when {{ is_pct }} then {{ vi_number_2(value) }} || ' %' else {{ vi_number(value) }} end
{%- endmacro %}
