-- An index adds up the scores of its components; while one is missing there is no index. Its source is the least
-- detailed among those of its components.
with scores as (
    select * from {{ ref("int_index_scores") }}
),

added as (
    select
        agency_id,
        index_code as kpi_code,
        formula_version,
        {{ lake_period() }},
        basis,
        series_segment,
        count(score) as parts_count,
        count(*) as parts_expected,
        cast(sum(score) as decimal(28, 6)) as points,
        case max(source_rank) when 1 then 'service_level' when 2 then 'self_reported' else 'published' end as source,
        coalesce(bool_or(is_corrected), false) as is_corrected,
        case when min(reported_by) = max(reported_by) then min(reported_by) end as reported_by,
        case when min(submission_id) = max(submission_id) then min(submission_id) end as submission_id,
        max(known_from) as known_from
    from scores
    group by all
),

final as (
    select
        agency_id,
        kpi_code,
        formula_version,
        {{ lake_period() }},
        source,
        basis,
        reported_by,
        submission_id,
        known_from,
        is_corrected,
        series_segment,
        parts_count,
        parts_expected,
        'values' as made_from,
        case when parts_count = parts_expected then points end as value,
        case when parts_count = parts_expected then points end as value_low,
        case when parts_count = parts_expected then points end as value_high,
        case when parts_count = parts_expected then '=' end as bound,
        case when parts_count < parts_expected then 'incomplete_components' end as no_value_reason
    from added
)

select * from final
