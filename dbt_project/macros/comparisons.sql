{#- Two states of what was published of each value, side by side as `_before` and `_after`. -#}
{% macro before_and_after(before, after) -%}
    {%- for column in [
        "value", "value_low", "value_high", "bound", "numerator", "denominator", "no_value_reason", "status", "target_id",
        "target_value", "rank", "submission_id",
    ] %}
    {{ before }}.{{ column }} as {{ column }}_before,
    {{ after }}.{{ column }} as {{ column }}_after,
    {%- endfor %}
    {%- for column in [
        "agency_id", "kpi_code", "period_code", "period_start", "period_end", "period_known", "basis",
    ] %}
    coalesce({{ after }}.{{ column }}, {{ before }}.{{ column }}) as {{ column }},
    {%- endfor %}
    {{ before }}.agency_id is null as is_new
{%- endmacro %}


{#- The same value in both. -#}
{% macro same_value(before, after) -%}
    {{ before }}.agency_id = {{ after }}.agency_id
    and {{ before }}.kpi_code = {{ after }}.kpi_code
    and {{ before }}.period_code = {{ after }}.period_code
    and {{ before }}.basis = {{ after }}.basis
{%- endmacro %}


{#- What differs between the two. -#}
{% macro what_differs() -%}
    (
        value_before is distinct from value_after
        or value_low_before is distinct from value_low_after
        or value_high_before is distinct from value_high_after
        or bound_before is distinct from bound_after
        or numerator_before is distinct from numerator_after
        or denominator_before is distinct from denominator_after
    ) as is_value_changed,
    (status_before is distinct from status_after) as is_status_changed,
    (rank_before is distinct from rank_after) as is_rank_changed,
    coalesce(bound_before, no_value_reason_before) is not null as had_value,
    coalesce(bound_after, no_value_reason_after) is not null as has_value
{%- endmacro %}


{#- How the two differ, of values that do. -#}
{% macro change_kind() -%}
    case
        when had_value and not has_value then 'withdrawn'
        when has_value and not had_value then 'appeared'
        else 'changed'
    end
{%- endmacro %}


{#- A value as people read it, or why there is none; `state` is `before` or `after`. -#}
{% macro value_or_none_vi(state) -%}
    case
        when no_value_reason_{{ state }} is not null then 'Không tính được'
        when bound_{{ state }} is null then 'Chưa có số liệu'
        else {{ value_text_vi(
            "value_" ~ state, "bound_" ~ state, "value_low_" ~ state, "value_high_" ~ state, "unit"
        ) }}
    end
{%- endmacro %}


{#- A change in words: 'Giá trị từ 12,50 % thành 87,50 %; thứ hạng từ 2 thành 1.' -#}
{% macro change_vi() -%}
    {%- set figures_differ = "(value_before is distinct from value_after
        or value_text_before_vi is distinct from value_text_after_vi)" -%}
    {%- set change %}
    concat_ws(
        '; ',
        case
            when change_kind = 'appeared' then 'có giá trị ' || value_text_after_vi || ', trước đó chưa có số liệu'
            when change_kind = 'withdrawn' then 'không còn giá trị, trước đó là ' || value_text_before_vi
            when value_text_before_vi <> value_text_after_vi
                then 'giá trị từ ' || value_text_before_vi || ' thành ' || value_text_after_vi
            when {{ figures_differ }}
                then 'giá trị từ ' || {{ vi_number("value_before") }} || ' thành ' || {{ vi_number("value_after") }}
        end,
        case
            when
                (numerator_before is distinct from numerator_after or denominator_before is distinct from denominator_after)
                and coalesce(numerator_before, denominator_before) is not null
                and coalesce(numerator_after, denominator_after) is not null
                then
                    'tử số, mẫu số từ '
                    || {{ fraction_vi("numerator_before", "denominator_before") }}
                    || ' thành '
                    || {{ fraction_vi("numerator_after", "denominator_after") }}
        end,
        case
            when status_before is distinct from status_after
                then
                    'trạng thái từ “'
                    || coalesce({{ status_vi("status_before") }}, 'Không có chỉ tiêu')
                    || '” thành “'
                    || coalesce({{ status_vi("status_after") }}, 'Không có chỉ tiêu')
                    || '”'
        end,
        case
            when rank_before is not distinct from rank_after then null
            when rank_before is null then 'được xếp thứ ' || rank_after
            when rank_after is null then 'không còn được xếp hạng, trước đó xếp thứ ' || rank_before
            else 'thứ hạng từ ' || rank_before || ' thành ' || rank_after
        end
    )
    {%- endset -%}
    {{ change }}
{%- endmacro %}


{#- A sentence from words: the first letter large, a full stop. -#}
{% macro sentence_vi(words) -%}
    upper(left({{ words }}, 1)) || substr({{ words }}, 2) || '.'
{%- endmacro %}
