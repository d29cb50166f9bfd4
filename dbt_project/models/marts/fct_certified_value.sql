with certified_values as (
    select * from {{ ref("int_certified_values") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

kpis as (
    select * from {{ ref("dim_kpi") }}
),

named as (
    select
        certified_values.*,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.agency_kind,
        kpis.kpi_name_vi
    from certified_values
    left join agencies on certified_values.agency_id = agencies.agency_id
    left join kpis on certified_values.kpi_code = kpis.kpi_code
),

texts as (
    select
        *,
        case when is_restated then {{ change_kind() | indent(8) }} end as change_kind,
        case when not is_new then {{ value_or_none_vi("before") | indent(8) }} end as value_text_before_vi,
        {{ value_or_none_vi("after") | indent(8) }} as value_text_after_vi
    from named
),

worded as (
    select
        *,
        case when is_restated then {{ change_vi() | indent(8) }} end as change_text
    from texts
),

final as (
    select
        {{ surrogate_key(["agency_id", "kpi_code", "period_code", "basis"]) }} as certified_value_key,
        certified_publication_id,
        certified_on,
        agency_id,
        agency_code,
        agency_name_vi,
        agency_kind,
        kpi_code,
        kpi_name_vi,
        unit,
        period_code,
        {{ period_name_vi("period_code", "period_start", "period_end", "period_known") }} as period_name_vi,
        {{ period_type("period_code") }} as period_type,
        period_start,
        period_end,
        basis,
        value_before as value_certified,
        value_text_before_vi as value_text_certified_vi,
        numerator_before as numerator_certified,
        denominator_before as denominator_certified,
        status_before as status_certified,
        {{ status_vi("status_before") }} as status_certified_vi,
        target_id_before as target_id_certified,
        target_value_before as target_value_certified,
        rank_before as rank_certified,
        submission_id_before as submission_id_certified,
        value_after as value_current,
        value_text_after_vi as value_text_current_vi,
        numerator_after as numerator_current,
        denominator_after as denominator_current,
        status_after as status_current,
        {{ status_vi("status_after") }} as status_current_vi,
        target_id_after as target_id_current,
        target_value_after as target_value_current,
        rank_after as rank_current,
        submission_id_after as submission_id_current,
        is_restated,
        is_value_changed,
        is_status_changed,
        is_rank_changed,
        change_kind,
        {{ label_vi("change_kind", {
            "changed": "Thay đổi", "appeared": "Bổ sung số liệu", "withdrawn": "Rút số liệu",
        }) }} as change_kind_vi,
        cast(value_after - value_before as decimal(28, 6)) as value_change,
        {{ sentence_vi("change_text") }} as change_vi
    from worded
)

select * from final
