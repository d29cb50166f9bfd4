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
        "late": "Đã nộp, quá hạn",
        "nil": "Đã báo cáo không phát sinh",
        "missing": "Quá hạn, chưa nộp",
        "rejected": "Đã gửi, chưa được tiếp nhận",
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
