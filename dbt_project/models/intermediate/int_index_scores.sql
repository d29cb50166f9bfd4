-- What each component of an index scores: its maximum from the full mark on, in proportion below it. Every component
-- that counts for an agency has a row as soon as one of them has a value.
with components as (
    select
        components.index_code,
        components.formula_version,
        components.kpi_code,
        components.group_code,
        components.max_score,
        components.full_mark_pct,
        components.no_case_score,
        components.scope,
        indices.valid_from,
        indices.valid_until
    from {{ ref("stg_index_components") }} as components
    inner join {{ ref("stg_kpis") }} as indices
        on components.index_code = indices.kpi_code and components.formula_version = indices.formula_version
),

component_codes as (
    select distinct kpi_code
    from components
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

segments as (
    select * from {{ ref("int_kpi_segments") }}
),

-- Of the sources of one value the most detailed one that has a value.
kpi_values as (
    select
        summed.*,
        {{ source_rank("summed.source") }} as source_rank
    from {{ ref("int_kpi_values_summed") }} as summed
    inner join component_codes on summed.kpi_code = component_codes.kpi_code
),

ranked as (
    select
        *,
        row_number() over (
            partition by agency_id, kpi_code, period_code, basis
            order by no_value_reason is null desc, source_rank asc
        ) as best_first
    from kpi_values
),

headlines as (
    select * from ranked
    where best_first = 1
),

scopes as (
    select
        index_code,
        formula_version,
        kpi_code,
        {{ unnested("scope") }} as item
    from components
),

counted as (
    select distinct
        scopes.index_code,
        scopes.formula_version,
        scopes.kpi_code,
        agencies.agency_id
    from scopes
    inner join agencies on {{ names_agency("scopes.item", "agencies") }}
),

measured as (
    select distinct
        headlines.agency_id,
        headlines.period_code,
        headlines.period_start,
        headlines.period_end,
        headlines.period_known,
        headlines.basis,
        components.index_code,
        components.formula_version
    from headlines
    inner join components
        on
            headlines.kpi_code = components.kpi_code
            and headlines.period_end between components.valid_from and components.valid_until
    inner join counted
        on
            components.index_code = counted.index_code
            and components.formula_version = counted.formula_version
            and components.kpi_code = counted.kpi_code
            and headlines.agency_id = counted.agency_id
),

compared as (
    select
        measured.agency_id,
        measured.index_code,
        measured.formula_version,
        measured.period_code,
        measured.period_start,
        measured.period_end,
        measured.period_known,
        measured.basis,
        components.kpi_code,
        components.group_code,
        components.max_score,
        components.full_mark_pct,
        components.no_case_score,
        segments.series_segment,
        headlines.source,
        headlines.source_rank,
        headlines.numerator,
        headlines.denominator,
        headlines.value,
        headlines.is_corrected,
        headlines.reported_by,
        headlines.submission_id,
        headlines.known_from,
        case
            when headlines.kpi_code is null then 'no_data'
            when headlines.no_value_reason is not null then headlines.no_value_reason
            when headlines.bound <> '=' then 'bound'
        end as no_value_reason
    from measured
    inner join components
        on measured.index_code = components.index_code and measured.formula_version = components.formula_version
    inner join counted
        on
            components.index_code = counted.index_code
            and components.formula_version = counted.formula_version
            and components.kpi_code = counted.kpi_code
            and measured.agency_id = counted.agency_id
    inner join segments
        on
            measured.index_code = segments.kpi_code
            and measured.period_end between segments.starts_on and segments.ends_on
    left join headlines
        on
            components.kpi_code = headlines.kpi_code
            and measured.agency_id = headlines.agency_id
            and measured.period_code = headlines.period_code
            and measured.basis = headlines.basis
),

final as (
    select
        agency_id,
        index_code,
        formula_version,
        kpi_code,
        group_code,
        {{ lake_period() }},
        basis,
        series_segment,
        source,
        source_rank,
        numerator,
        denominator,
        value,
        max_score,
        full_mark_pct,
        is_corrected,
        reported_by,
        submission_id,
        known_from,
        case
            when no_value_reason = 'zero_denominator' then no_case_score
            when no_value_reason is null
                then {{ divide("(max_score * least(value, full_mark_pct))", "full_mark_pct") }}
        end as score,
        case
            when no_value_reason = 'zero_denominator' and no_case_score is not null then null
            else no_value_reason
        end as no_score_reason
    from compared
)

select * from final
