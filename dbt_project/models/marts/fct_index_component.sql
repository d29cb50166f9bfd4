with scores as (
    select * from {{ ref("int_index_scores") }}
),

components as (
    select * from {{ ref("stg_index_components") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

kpis as (
    select * from {{ ref("dim_kpi") }}
),

final as (
    select
        {{ surrogate_key([
            "scores.agency_id", "scores.index_code", "scores.kpi_code", "scores.period_code", "scores.basis",
        ]) }} as index_component_key,
        scores.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.agency_kind,
        {{ agency_kind_vi("agencies.agency_kind") }} as agency_kind_vi,
        scores.index_code,
        indices.kpi_name_vi as index_name_vi,
        scores.formula_version,
        scores.group_code,
        components.group_name_vi,
        components.group_name_en,
        scores.kpi_code,
        kpis.kpi_name_vi,
        scores.period_code,
        {{ period_name_vi("scores.period_code", "scores.period_start", "scores.period_end", "scores.period_known") }}
            as period_name_vi,
        {{ period_type("scores.period_code") }} as period_type,
        scores.period_start,
        scores.period_end,
        scores.period_known,
        scores.basis,
        scores.source,
        scores.numerator,
        scores.denominator,
        scores.value,
        scores.full_mark_pct,
        scores.score,
        scores.max_score,
        scores.no_score_reason,
        case scores.no_score_reason
            when 'no_data' then 'Chưa có số liệu'
            else {{ status_reason_vi("scores.no_score_reason") }}
        end as no_score_reason_vi,
        components.legal_basis,
        scores.submission_id
    from scores
    inner join components
        on
            scores.index_code = components.index_code
            and scores.formula_version = components.formula_version
            and scores.kpi_code = components.kpi_code
    inner join agencies on scores.agency_id = agencies.agency_id
    left join kpis on scores.kpi_code = kpis.kpi_code
    left join kpis as indices on scores.index_code = indices.kpi_code
)

select * from final
