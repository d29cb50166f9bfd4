{#- What is kept of a changed value, as `warehouse.archive.RESTATEMENTS` lists it. -#}
{% macro restatement_columns() -%}
    publication_id,
    previous_publication_id,
    as_of,
    previous_as_of,
    agency_id,
    kpi_code,
    {{ lake_period() }},
    basis,
    change_kind,
    value_before,
    value_after,
    value_text_before_vi,
    value_text_after_vi,
    numerator_before,
    numerator_after,
    denominator_before,
    denominator_after,
    status_before,
    status_after,
    target_id_before,
    target_id_after,
    target_value_before,
    target_value_after,
    rank_before,
    rank_after,
    submission_id_before,
    submission_id_after,
    cause,
    submission_id,
    submissions_count,
    catalogue_change_vi
{%- endmacro %}


{#- The first three texts of a group, and how many more there are. -#}
{% macro first_three(text, order_by) -%}
    {{ first_three_texts(text, order_by) }}
    || case when count(*) > 3 then '; và ' || (count(*) - 3) || ' thay đổi khác' else '' end
{%- endmacro %}


{#- Numerator over denominator as people write them, a missing one as a dash: 124/436. -#}
{% macro fraction_vi(numerator, denominator) -%}
    coalesce({{ vi_number(numerator) }}, '–') || '/' || coalesce({{ vi_number(denominator) }}, '–')
{%- endmacro %}
