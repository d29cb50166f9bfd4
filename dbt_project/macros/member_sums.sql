{#- KPI values with the sums of bodies that have not reported themselves: of a ministry's units, or of a collective's
    members. Numerators and denominators are summed apart. Coverage is told by count and by weight: the share of the
    last known denominators (of a count, the last known values) that the members with a value hold. What the focal
    point of a unit has not confirmed is not summed. -#}
{% macro values_with_sums_of_members(reported, is_unit) -%}
with reported as (
    select * from {{ reported }}
),

members as (
    select
        members.agency_id,
        members.member_id,
        members.valid_from,
        members.valid_until,
        members.min_coverage_pct,
        asked.kpi_code,
        asked.formula_version
    from {{ ref("int_agency_members") }} as members
    inner join {{ ref("int_kpi_agencies") }} as asked on members.member_id = asked.agency_id
    where members.is_unit = {{ is_unit }}
),

formulas as (
    select * from {{ ref("int_kpi_formulas") }}
    where adds_up_over_agencies
),

-- A figure of a longer period waits as long as one it is made from does.
unconfirmed as (
    select distinct
        reported.agency_id,
        reported.kpi_code,
        reported.period_code,
        reported.source
    from reported
    inner join {{ ref("int_unconfirmed_figures") }} as figures
        on
            reported.agency_id = figures.agency_id
            and reported.kpi_code = figures.kpi_code
            and reported.source = figures.source
            and (
                reported.period_code = figures.period_code
                or (
                    reported.made_from = 'periods'
                    and reported.period_start <= figures.period_start
                    and reported.period_end >= figures.period_end
                )
            )
),

-- What a member adds: for a ratio the denominator is its weight, for a count the value itself.
pairs as (
    select
        reported.agency_id as member_id,
        reported.kpi_code,
        reported.formula_version,
        reported.period_code,
        reported.period_start,
        reported.period_end,
        reported.period_known,
        {{ period_type("reported.period_code") }} as period_type,
        reported.source,
        reported.numerator,
        reported.denominator,
        reported.known_from,
        reported.is_corrected,
        reported.series_segment,
        formulas.kpi_kind,
        coalesce(reported.denominator, reported.numerator) as weight,
        unconfirmed.agency_id is null as is_confirmed
    from reported
    inner join formulas
        on reported.kpi_code = formulas.kpi_code and reported.formula_version = formulas.formula_version
    left join unconfirmed
        on
            reported.agency_id = unconfirmed.agency_id
            and reported.kpi_code = unconfirmed.kpi_code
            and reported.period_code = unconfirmed.period_code
            and reported.source = unconfirmed.source
    where
        reported.source <> 'published'
        and reported.numerator is not null
        and (formulas.kpi_kind = 'count' or reported.denominator is not null)
),

summed as (
    select
        members.agency_id,
        pairs.kpi_code,
        pairs.formula_version,
        pairs.period_code,
        pairs.period_start,
        pairs.period_end,
        pairs.period_known,
        pairs.period_type,
        pairs.source,
        pairs.kpi_kind,
        members.min_coverage_pct,
        cast(sum(pairs.numerator) filter (where pairs.is_confirmed) as decimal(28, 6)) as numerator,
        cast(sum(pairs.denominator) filter (where pairs.is_confirmed) as decimal(28, 6)) as denominator,
        cast(coalesce(sum(pairs.weight) filter (where pairs.is_confirmed), 0) as decimal(28, 6)) as weight,
        cast(sum(pairs.weight) as decimal(28, 6)) as reported_weight,
        count(*) filter (where pairs.is_confirmed) as parts_count,
        count(*) as reported_count,
        max(pairs.known_from) as known_from,
        bool_or(pairs.is_corrected) as is_corrected,
        min(pairs.series_segment) as series_segment
    from pairs
    inner join members
        on
            pairs.member_id = members.member_id
            and pairs.kpi_code = members.kpi_code
            and pairs.formula_version = members.formula_version
            and pairs.period_end between members.valid_from and members.valid_until
    group by
        members.agency_id,
        pairs.kpi_code,
        pairs.formula_version,
        pairs.period_code,
        pairs.period_start,
        pairs.period_end,
        pairs.period_known,
        pairs.period_type,
        pairs.source,
        pairs.kpi_kind,
        members.min_coverage_pct
),

-- What the body above reports itself comes first.
unreported as (
    select summed.*
    from summed
    left join reported
        on
            summed.agency_id = reported.agency_id
            and summed.kpi_code = reported.kpi_code
            and summed.period_code = reported.period_code
            and summed.source = reported.source
    where reported.agency_id is null
),

expected as (
    select
        unreported.agency_id,
        unreported.kpi_code,
        unreported.period_code,
        unreported.source,
        count(*) as parts_expected
    from unreported
    inner join members
        on
            unreported.agency_id = members.agency_id
            and unreported.kpi_code = members.kpi_code
            and unreported.formula_version = members.formula_version
            and unreported.period_end between members.valid_from and members.valid_until
    group by unreported.agency_id, unreported.kpi_code, unreported.period_code, unreported.source
),

counted as (
    select
        unreported.*,
        expected.parts_expected
    from unreported
    inner join expected
        on
            unreported.agency_id = expected.agency_id
            and unreported.kpi_code = expected.kpi_code
            and unreported.period_code = expected.period_code
            and unreported.source = expected.source
),

missing as (
    select
        counted.agency_id,
        counted.kpi_code,
        counted.period_code,
        counted.period_end,
        counted.period_type,
        counted.source,
        members.member_id
    from counted
    inner join members
        on
            counted.agency_id = members.agency_id
            and counted.kpi_code = members.kpi_code
            and counted.formula_version = members.formula_version
            and counted.period_end between members.valid_from and members.valid_until
    left join pairs
        on
            members.member_id = pairs.member_id
            and counted.kpi_code = pairs.kpi_code
            and counted.period_code = pairs.period_code
            and counted.source = pairs.source
    where counted.reported_count < counted.parts_expected and pairs.member_id is null
),

-- The series of whoever is missing somewhere, with a gap wherever it is.
series as (
    select distinct
        member_id,
        kpi_code,
        source,
        period_type,
        period_end,
        cast(null as decimal(28, 6)) as weight
    from missing
    union all
    select
        pairs.member_id,
        pairs.kpi_code,
        pairs.source,
        pairs.period_type,
        pairs.period_end,
        pairs.weight
    from pairs
    semi join missing
        on
            pairs.member_id = missing.member_id
            and pairs.kpi_code = missing.kpi_code
            and pairs.source = missing.source
            and pairs.period_type = missing.period_type
),

filled as (
    select
        member_id,
        kpi_code,
        source,
        period_type,
        period_end,
        {{ last_known("weight") }} over (
            partition by member_id, kpi_code, source, period_type
            order by period_end
        ) as weight
    from series
),

last_known as (
    select
        member_id,
        kpi_code,
        source,
        period_type,
        period_end,
        max(weight) as weight
    from filled
    group by member_id, kpi_code, source, period_type, period_end
),

missing_weights as (
    select
        missing.agency_id,
        missing.kpi_code,
        missing.period_code,
        missing.source,
        cast(sum(last_known.weight) as decimal(28, 6)) as weight,
        bool_and(last_known.weight is not null) as is_known
    from missing
    inner join last_known
        on
            missing.member_id = last_known.member_id
            and missing.kpi_code = last_known.kpi_code
            and missing.source = last_known.source
            and missing.period_type = last_known.period_type
            and missing.period_end = last_known.period_end
    group by missing.agency_id, missing.kpi_code, missing.period_code, missing.source
),

judged as (
    select
        counted.*,
        counted.parts_count * 100 >= counted.min_coverage_pct * counted.parts_expected as is_covered,
        counted.reported_count * 100 >= counted.min_coverage_pct * counted.parts_expected as is_covered_by_reports,
        case
            when counted.parts_count = counted.parts_expected then cast(100 as decimal(28, 6))
            when counted.reported_count = counted.parts_expected
                then {{ ratio_pct("counted.weight", "counted.reported_weight") }}
            when missing_weights.is_known
                then {{ ratio_pct("counted.weight", "(counted.reported_weight + missing_weights.weight)") }}
        end as weight_coverage_pct
    from counted
    left join missing_weights
        on
            counted.agency_id = missing_weights.agency_id
            and counted.kpi_code = missing_weights.kpi_code
            and counted.period_code = missing_weights.period_code
            and counted.source = missing_weights.source
),

valued as (
    select
        *,
        case
            when not is_covered then null
            when kpi_kind = 'count' then numerator
            else {{ ratio_pct("numerator", "denominator") }}
        end as value
    from judged
),

-- A count that lacks some members is at least what the others have.
final as (
    select {{ kpi_value_columns() | indent(4) }}
    from reported
    union all
    select
        agency_id,
        kpi_code,
        formula_version,
        period_code,
        period_start,
        period_end,
        period_known,
        source,
        case when is_covered then numerator end as numerator,
        case when is_covered then denominator end as denominator,
        value,
        value as value_low,
        case when kpi_kind <> 'count' or parts_count = parts_expected then value end as value_high,
        case
            when value is null then null
            when kpi_kind = 'count' and parts_count < parts_expected then '>'
            else '='
        end as bound,
        null as value_as_printed,
        null as stated_value,
        null as decimals,
        null as is_stated_consistent,
        case
            when not is_covered and is_covered_by_reports then 'units_unconfirmed'
            when not is_covered then 'incomplete_coverage'
            when kpi_kind = 'ratio' and denominator = 0 then 'zero_denominator'
        end as no_value_reason,
        'agencies' as made_from,
        parts_count,
        parts_expected,
        weight_coverage_pct,
        series_segment,
        is_corrected,
        null as reported_by,
        null as submission_id,
        known_from
    from valued
)

select * from final
{%- endmacro %}
