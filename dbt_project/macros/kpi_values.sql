{#- What every KPI value carries on its way to the mart, whatever it is made from. -#}
{% macro kpi_value_columns() -%}
    agency_id,
    kpi_code,
    formula_version,
    {{ lake_period() }},
    source,
    numerator,
    denominator,
    value,
    value_low,
    value_high,
    bound,
    value_as_printed,
    stated_value,
    decimals,
    is_stated_consistent,
    no_value_reason,
    made_from,
    parts_count,
    parts_expected,
    weight_coverage_pct,
    series_segment,
    is_corrected,
    reported_by,
    submission_id,
    known_from
{%- endmacro %}


{#- Which source of a value is the most detailed one: 1. -#}
{% macro source_rank(source) -%}
    case {{ source }} when 'service_level' then 1 when 'self_reported' then 2 else 3 end
{%- endmacro %}


{#- A figure as reported, or what counts instead where a correction applies. -#}
{% macro unless_corrected(reported, corrected="null") -%}
    case when corrections.correction_id is null then {{ reported }} else {{ corrected }} end
{%- endmacro %}
