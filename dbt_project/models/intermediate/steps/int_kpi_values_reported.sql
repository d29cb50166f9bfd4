-- KPI values of the agencies of their time. A ratio is numerator over denominator; a stated percentage stands
-- only where the two are not given. Numerator and denominator come from one form where one has both.
with observations as (
    select
        *,
        correction_id is not null as is_corrected
    from {{ ref("int_observations") }}
    where correction_id is null or value is not null
),

kpis as (
    select * from {{ ref("stg_kpis") }}
),

numerators as (
    select
        observations.*,
        kpis.kpi_code,
        kpis.kpi_kind,
        kpis.formula_version,
        kpis.denominator_element
    from observations
    inner join kpis
        on
            observations.element_code = kpis.numerator_element
            and observations.period_end between kpis.valid_from and kpis.valid_until
    where observations.element_kind = 'data_element'
),

computed as (
    select
        numerators.*,
        denominators.value as denominator_value,
        coalesce(denominators.is_corrected, false) as is_denominator_corrected,
        row_number() over (
            partition by numerators.agency_id, numerators.kpi_code, numerators.period_code, numerators.source
            order by
                numerators.form_code = denominators.form_code desc nulls last,
                numerators.known_from desc,
                numerators.form_code asc,
                denominators.form_code asc,
                numerators.submission_id desc,
                denominators.submission_id desc
        ) as best_first
    from numerators
    left join observations as denominators
        on
            numerators.denominator_element = denominators.element_code
            and numerators.agency_id = denominators.agency_id
            and numerators.period_code = denominators.period_code
            and numerators.source = denominators.source
    where numerators.kpi_kind = 'count' or denominators.value is not null
),

stated as (
    select
        observations.*,
        kpis.kpi_code,
        kpis.kpi_kind,
        kpis.formula_version,
        row_number() over (
            partition by
                observations.agency_id, observations.element_code, observations.period_code, observations.source
            order by observations.known_from desc, observations.reported_by asc, observations.submission_id desc
        ) as best_first
    from observations
    inner join kpis
        on
            observations.element_code = kpis.kpi_code
            and observations.period_end between kpis.valid_from and kpis.valid_until
    where observations.element_kind = 'kpi_statement'
),

collected as (
    select
        agency_id,
        kpi_code,
        formula_version,
        {{ lake_period() }},
        source,
        kpi_kind = 'ratio' as is_quotient,
        value as numerator,
        denominator_value as denominator,
        value,
        value_low,
        value_high,
        bound,
        value_as_printed,
        stated_value,
        decimals,
        reported_by,
        submission_id,
        known_from,
        made_from,
        parts_count,
        parts_expected,
        is_corrected or is_denominator_corrected as is_corrected
    from computed
    where best_first = 1
    union all
    select
        agency_id,
        kpi_code,
        formula_version,
        {{ lake_period() }},
        source,
        kpi_kind = 'ratio' and numerator is not null and denominator is not null as is_quotient,
        cast(numerator as decimal(28, 6)) as numerator,
        cast(denominator as decimal(28, 6)) as denominator,
        value,
        value_low,
        value_high,
        bound,
        value_as_printed,
        stated_value,
        decimals,
        reported_by,
        submission_id,
        known_from,
        made_from,
        parts_count,
        parts_expected,
        is_corrected
    from stated
    where best_first = 1
),

divided as (
    select
        collected.*,
        segments.series_segment,
        case when collected.is_quotient then {{ ratio_pct("collected.numerator", "collected.denominator") }} end
            as quotient
    from collected
    inner join {{ ref("int_kpi_segments") }} as segments
        on
            collected.kpi_code = segments.kpi_code
            and collected.period_end between segments.starts_on and segments.ends_on
),

final as (
    select
        agency_id,
        kpi_code,
        formula_version,
        {{ lake_period() }},
        source,
        numerator,
        denominator,
        value_as_printed,
        stated_value,
        decimals,
        reported_by,
        submission_id,
        known_from,
        is_corrected,
        series_segment,
        made_from,
        parts_count,
        parts_expected,
        cast(null as decimal(28, 6)) as weight_coverage_pct,
        case when is_quotient then quotient else value end as value,
        case when is_quotient then quotient else value_low end as value_low,
        case when is_quotient then quotient else value_high end as value_high,
        case when is_quotient then '=' else bound end as bound,
        case
            when not is_quotient or stated_value is null then null
            when bound = '>' then quotient >= stated_value
            when bound = '<' then quotient <= stated_value
            when bound = '≈' then quotient between value_low and value_high
            else abs(quotient - stated_value) <= {{ half_unit("decimals") }}
        end as is_stated_consistent,
        case when is_quotient and denominator = 0 then 'zero_denominator' end as no_value_reason
    from divided
)

select * from final
