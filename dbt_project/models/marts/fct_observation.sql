with observations as (
    select * from {{ ref("int_observations") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

final as (
    select
        {{ surrogate_key([
            "observations.agency_id",
            "observations.element_code",
            "observations.period_code",
            "observations.form_code",
            "observations.reported_by",
        ]) }} as observation_key,
        observations.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        observations.element_code,
        observations.element_kind,
        coalesce(elements.element_name_vi, kpis.kpi_name_vi) as element_name_vi,
        observations.period_code,
        observations.period_start,
        observations.period_end,
        observations.period_known,
        observations.form_code,
        observations.source,
        observations.reported_by,
        observations.value,
        observations.value_low,
        observations.value_high,
        observations.bound,
        observations.value_reported,
        observations.correction_id,
        observations.value_as_printed,
        observations.decimals,
        observations.printed_unit,
        observations.numerator,
        observations.denominator,
        observations.known_from,
        observations.submission_id,
        observations.sheet,
        observations.row_number,
        observations.rows_count
    from observations
    left join agencies on observations.agency_id = agencies.agency_id
    left join {{ ref("stg_data_elements") }} as elements on observations.element_code = elements.element_code
    left join {{ ref("dim_kpi") }} as kpis on observations.element_code = kpis.kpi_code
)

select * from final
