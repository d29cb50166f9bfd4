-- Growth: the change of another KPI in percent of its earlier value; the change is the numerator, the earlier value
-- the denominator. Both come from one source; across a break of the series, and from bounds, there is none.
with kpi_values as (
    select
        *,
        {{ period_type("period_code") }} as period_type
    from {{ ref("int_kpi_values_summed") }}
    where period_known
),

growth as (
    select * from {{ ref("stg_kpis") }}
    where kpi_kind = 'growth'
),

segments as (
    select * from {{ ref("int_kpi_segments") }}
),

later as (
    select
        kpi_values.*,
        growth.kpi_code as growth_code,
        growth.formula_version as growth_version,
        case growth.compared_with
            when 'previous_year' then {{ a_year_before("kpi_values.period_start") }}
        end as earlier_start,
        case growth.compared_with
            when 'previous_year' then {{ a_year_before("kpi_values.period_end") }}
            else cast(kpi_values.period_start - interval 1 day as date)
        end as earlier_end
    from kpi_values
    inner join growth
        on
            kpi_values.kpi_code = growth.of_kpi
            and kpi_values.period_end between growth.valid_from and growth.valid_until
),

paired as (
    select
        later.agency_id,
        later.growth_code as kpi_code,
        later.growth_version as formula_version,
        later.period_code,
        later.period_start,
        later.period_end,
        later.period_known,
        later.source,
        later.basis,
        later.reported_by,
        later.submission_id,
        segments.series_segment,
        earlier.value as denominator,
        cast(later.value - earlier.value as decimal(28, 6)) as numerator,
        greatest(later.known_from, earlier.known_from) as known_from,
        later.is_corrected or earlier.is_corrected as is_corrected,
        case
            when later.series_segment <> earlier.series_segment then 'series_break'
            when later.value is null or earlier.value is null then 'incomplete_components'
            when later.bound <> '=' or earlier.bound <> '=' then 'bound'
            when earlier.value = 0 then 'zero_denominator'
        end as no_value_reason
    from later
    inner join kpi_values as earlier
        on
            later.agency_id = earlier.agency_id
            and later.kpi_code = earlier.kpi_code
            and later.basis = earlier.basis
            and later.source = earlier.source
            and later.period_type = earlier.period_type
            and later.earlier_end = earlier.period_end
            and coalesce(later.earlier_start, earlier.period_start) = earlier.period_start
    inner join segments
        on
            later.growth_code = segments.kpi_code
            and later.period_end between segments.starts_on and segments.ends_on
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
        no_value_reason,
        'values' as made_from,
        case when no_value_reason is null then 2 else 1 end as parts_count,
        2 as parts_expected,
        case when no_value_reason is null then numerator end as numerator,
        case when no_value_reason is null then denominator end as denominator,
        case when no_value_reason is null then {{ ratio_pct("numerator", "denominator") }} end as value,
        case when no_value_reason is null then {{ ratio_pct("numerator", "denominator") }} end as value_low,
        case when no_value_reason is null then {{ ratio_pct("numerator", "denominator") }} end as value_high,
        case when no_value_reason is null then '=' end as bound
    from paired
)

select * from final
