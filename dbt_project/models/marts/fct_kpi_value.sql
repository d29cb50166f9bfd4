with kpi_values as (
    select * from {{ ref("int_kpi_values") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

kpis as (
    select * from {{ ref("stg_kpis") }}
),

final as (
    select
        {{ surrogate_key([
            "kpi_values.agency_id",
            "kpi_values.kpi_code",
            "kpi_values.period_code",
            "kpi_values.basis",
            "kpi_values.source",
        ]) }} as kpi_value_key,
        kpi_values.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.agency_kind,
        kpi_values.kpi_code,
        kpis.kpi_name_vi,
        kpis.unit,
        kpi_values.period_code,
        {{ period_name_vi(
            "kpi_values.period_code", "kpi_values.period_start", "kpi_values.period_end", "kpi_values.period_known"
        ) }} as period_name_vi,
        {{ period_type("kpi_values.period_code") }} as period_type,
        kpi_values.period_start,
        kpi_values.period_end,
        kpi_values.period_known,
        kpi_values.basis,
        kpi_values.source,
        kpi_values.numerator,
        kpi_values.denominator,
        kpi_values.value,
        kpi_values.value_low,
        kpi_values.value_high,
        kpi_values.bound,
        kpi_values.value_as_printed,
        kpi_values.stated_value,
        kpi_values.decimals,
        kpi_values.is_stated_consistent,
        kpi_values.no_value_reason,
        {{ status_reason_vi("kpi_values.no_value_reason") }} as no_value_reason_vi,
        kpi_values.made_from,
        kpi_values.parts_count,
        kpi_values.parts_expected,
        kpi_values.weight_coverage_pct,
        kpi_values.series_segment,
        segments.break_reason_vi,
        kpi_values.is_corrected,
        kpi_values.formula_version,
        kpi_values.is_headline,
        kpi_values.reported_by,
        kpi_values.submission_id,
        kpi_values.known_from
    from kpi_values
    inner join agencies on kpi_values.agency_id = agencies.agency_id
    inner join {{ ref("int_kpi_segments") }} as segments
        on kpi_values.kpi_code = segments.kpi_code and kpi_values.series_segment = segments.series_segment
    inner join kpis
        on kpi_values.kpi_code = kpis.kpi_code and kpi_values.formula_version = kpis.formula_version
)

select * from final
