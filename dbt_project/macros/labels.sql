{#- Codes as Vietnamese text. -#}
{% macro label_vi(column, labels) -%}
    case {{ column }}
        {%- for code, label in labels.items() %}
        when '{{ code }}' then '{{ label }}'
        {%- endfor %}
    end
{%- endmacro %}


{% macro status_vi(column) -%}
    {{ label_vi(column, {
        "not_applicable": "Không áp dụng",
        "not_due": "Chưa đến hạn",
        "no_data": "Chưa có số liệu",
        "insufficient": "Chưa đủ cơ sở",
        "met": "Đạt",
        "on_track": "Đúng tiến độ",
        "behind": "Chậm tiến độ",
        "missed": "Không đạt",
    }) }}
{%- endmacro %}


{% macro agency_kind_vi(column) -%}
    {{ label_vi(column, {
        "ministry": "Bộ",
        "ministry_level": "Cơ quan ngang bộ",
        "government_agency": "Cơ quan thuộc Chính phủ và cơ quan khác",
        "province": "Tỉnh, thành phố trực thuộc Trung ương",
        "unit": "Đơn vị trực thuộc",
        "collective": "Nhóm cơ quan",
    }) }}
{%- endmacro %}


{#- What became of a report owed, as `national_kpi.cycle.status` words it. -#}
{% macro obligation_state_vi(column) -%}
    {{ label_vi(column, {
        "expected": "Chưa đến hạn nộp",
        "received": "Đã nhận, kỳ báo cáo chưa kết thúc",
        "on_time": "Đã nộp đúng hạn",
        "extended": "Được gia hạn, chưa đến hạn mới",
        "late_extended": "Đã nộp trong thời gian gia hạn",
        "late": "Đã nộp, quá hạn",
        "nil": "Đã báo cáo không phát sinh",
        "missing": "Quá hạn, chưa nộp",
        "rejected": "Đã gửi, chưa được tiếp nhận",
    }) }}
{%- endmacro %}


{#- Whether a report says what it is asked for. -#}
{% macro component_state_vi(column) -%}
    {{ label_vi(column, {
        "reported": "Đã báo cáo",
        "nil": "Không phát sinh",
        "left_out": "Báo cáo thiếu nội dung này",
        "not_received": "Chưa có báo cáo",
    }) }}
{%- endmacro %}


{#- What the focal point of a unit says of its report. -#}
{% macro confirmation_state_vi(column) -%}
    {{ label_vi(column, {
        "waiting": "Chờ xác nhận",
        "confirmed": "Đã xác nhận",
        "returned": "Đã trả lại",
    }) }}
{%- endmacro %}


{#- Where a reporting period stands, as `national_kpi.ledger.period_states` words it. -#}
{% macro period_state_vi(column) -%}
    {{ label_vi(column, {
        "open": "Đang thu thập số liệu",
        "provisional": "Đã khóa kỳ, số liệu tạm thời",
        "certified": "Đã chứng nhận",
        "reopened": "Mở lại để chứng nhận lại",
    }) }}
{%- endmacro %}


{#- What became of a finding. -#}
{% macro finding_state_vi(column) -%}
    {{ label_vi(column, {
        "open": "Đang mở",
        "explained": "Đã giải trình",
        "waived": "Được miễn xử lý",
        "closed": "Đã khép lại",
    }) }}
{%- endmacro %}


{% macro severity_vi(column) -%}
    {{ label_vi(column, {"block": "Lỗi phải sửa", "warn": "Cảnh báo", "info": "Lưu ý"}) }}
{%- endmacro %}


{#- Why there is no value, or none that a status could rest on. -#}
{% macro status_reason_vi(column) -%}
    {{ label_vi(column, {
        "zero_denominator": "Mẫu số bằng 0, không phát sinh",
        "incomplete_coverage": "Chưa đủ số liệu của các cơ quan thành phần",
        "units_unconfirmed": "Chờ cơ quan chủ quản xác nhận số liệu của đơn vị",
        "incomplete_periods": "Chưa đủ số liệu của các kỳ thành phần",
        "incomplete_components": "Chưa đủ số liệu của các thành phần",
        "series_break": "Không so sánh được do thay đổi cách phân loại",
        "only_percentages": "Chỉ có tỷ lệ, không có tử số và mẫu số để cộng",
        "not_additive": "Chỉ số không cộng được giữa các cơ quan",
        "bound": "Số liệu chỉ nêu mức giới hạn hoặc khoảng giá trị",
        "no_baseline": "Chưa có giá trị kỳ gốc để so sánh",
        "no_start_date": "Chỉ tiêu không nêu ngày bắt đầu để tính tiến độ",
    }) }}
{%- endmacro %}


{% macro projection_method_vi(column) -%}
    {{ label_vi(column, {
        "line_from_first_value": "Kéo dài đường thẳng từ giá trị đầu tiên trong thời gian thực hiện chỉ tiêu",
        "line_from_baseline": "Kéo dài đường thẳng từ giá trị ngay trước thời gian thực hiện chỉ tiêu",
    }) }}
{%- endmacro %}


{#- A gap in whole things as a sentence: 'Còn thiếu 4.120 hồ sơ tiếp nhận trực tuyến'. -#}
{% macro gap_units_text_vi(operator, gap_units, required, bound, counted) -%}
    case
        when left({{ operator }}, 1) = '>' and {{ gap_units }} < 0 then 'Còn thiếu '
        when left({{ operator }}, 1) = '>' and {{ gap_units }} = 0 then 'Vừa đủ số '
        when left({{ operator }}, 1) = '>' then 'Vượt '
        when {{ gap_units }} > 0 and {{ required }} = 0 then 'Có '
        when {{ gap_units }} > 0 then 'Nhiều hơn mức cho phép '
        when {{ required }} = 0 then 'Không có '
        when {{ gap_units }} = 0 then 'Vừa bằng mức cho phép về số '
        else 'Ít hơn mức cho phép '
    end
    || case
        when {{ gap_units }} = 0 or ({{ gap_units }} < 0 and {{ required }} = 0) then ''
        else case {{ bound }} when '≈' then 'khoảng ' else '' end || {{ vi_number("abs(" ~ gap_units ~ ")") }} || ' '
    end
    || {{ counted }}
{%- endmacro %}


{% macro rank_group_noun_vi(column) -%}
    {{ label_vi(column, {"ministry": " bộ, cơ quan ngang bộ", "province": " tỉnh, thành phố"}) }}
{%- endmacro %}


{#- How much of a group is ranked: '58/63 tỉnh, thành phố, 91,2 % số hồ sơ'; by count alone where weights are unknown. -#}
{% macro coverage_vi(ranked_count, in_scope_count, rank_group, weight_pct, weight_unit) -%}
    {{ ranked_count }} || '/' || {{ in_scope_count }} || {{ rank_group_noun_vi(rank_group) }}
    || case
        when {{ ranked_count }} = {{ in_scope_count }} or {{ weight_pct }} is null then ''
        else ', ' || {{ vi_number("cast(" ~ weight_pct ~ " as decimal(28, 1))") }} || ' % số ' || {{ weight_unit }}
    end
{%- endmacro %}
