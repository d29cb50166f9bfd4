-- KPI values of the agencies of their time, with those of longer periods made from shorter ones: months to
-- quarters, quarters to halves, and so on. Numerator and denominator are summed, or the last one stands, each as
-- the catalogue says. What an agency reports for the longer period itself comes first; a period of which a part is
-- missing has no value, and is only listed where some agency has all parts.
{%- set steps = [1, 2, 3, 4] %}
with reported as (
    select * from {{ ref("int_kpi_values_reported") }}
),

parts as (
    select
        period_code,
        period_start,
        period_end,
        part_code,
        step,
        count(*) over (partition by period_code) as parts_expected
    from {{ ref("stg_period_parts") }}
),

formulas as (
    select * from {{ ref("int_kpi_formulas") }}
    where adds_up_over_time
),

known_0 as (
    select
        reported.agency_id,
        reported.kpi_code,
        reported.formula_version,
        reported.period_code,
        reported.period_end,
        reported.source,
        reported.numerator,
        reported.denominator,
        reported.reported_by,
        reported.submission_id,
        reported.known_from,
        reported.is_corrected,
        reported.series_segment
    from reported
    inner join formulas
        on reported.kpi_code = formulas.kpi_code and reported.formula_version = formulas.formula_version
    where
        reported.source <> 'published'
        and reported.numerator is not null
        and (formulas.kpi_kind = 'count' or reported.denominator is not null)
),
{% for step in steps %}
    collected_{{ step }} as (
        select
            known.agency_id,
            known.kpi_code,
            parts.period_code,
            parts.period_start,
            parts.period_end,
            known.source,
            max(known.formula_version) as formula_version,
            sum(known.numerator) as numerators_sum,
            max_by(known.numerator, known.period_end) as last_numerator,
            sum(known.denominator) as denominators_sum,
            max_by(known.denominator, known.period_end) as last_denominator,
            count(*) as parts_count,
            max(parts.parts_expected) as parts_expected,
            max_by(known.reported_by, known.period_end) as reported_by,
            max_by(known.submission_id, known.period_end) as submission_id,
            max(known.known_from) as known_from,
            bool_or(known.is_corrected) as is_corrected,
            min(known.series_segment) as first_segment,
            max(known.series_segment) as series_segment,
            count(distinct known.formula_version) as formulas_count
        from known_{{ step - 1 }} as known
        inner join parts on known.period_code = parts.part_code
        where parts.step = {{ step }}
        group by
            known.agency_id,
            known.kpi_code,
            parts.period_code,
            parts.period_start,
            parts.period_end,
            known.source
    ),

    made_{{ step }} as (
        select
            collected.agency_id,
            collected.kpi_code,
            collected.formula_version,
            collected.period_code,
            collected.period_start,
            collected.period_end,
            collected.source,
            collected.parts_count,
            collected.parts_expected,
            collected.reported_by,
            collected.submission_id,
            collected.known_from,
            collected.is_corrected,
            collected.series_segment,
            formulas.kpi_kind,
            cast(
                case formulas.numerator_over_time
                    when 'sum' then collected.numerators_sum
                    else collected.last_numerator
                end
                as decimal(28, 6)
            ) as numerator,
            cast(
                case formulas.denominator_over_time
                    when 'sum' then collected.denominators_sum
                    else collected.last_denominator
                end
                as decimal(28, 6)
            ) as denominator,
            case
                when collected.parts_count < collected.parts_expected then 'incomplete_periods'
                when collected.first_segment < collected.series_segment or collected.formulas_count > 1
                    then 'series_break'
            end as reason
        from collected_{{ step }} as collected
        inner join formulas
            on collected.kpi_code = formulas.kpi_code and collected.formula_version = formulas.formula_version
        left join reported
            on
                collected.agency_id = reported.agency_id
                and collected.kpi_code = reported.kpi_code
                and collected.period_code = reported.period_code
                and collected.source = reported.source
        where reported.agency_id is null
    ),

    known_{{ step }} as (
        select * from known_{{ step - 1 }}
        union all
        select
            agency_id,
            kpi_code,
            formula_version,
            period_code,
            period_end,
            source,
            numerator,
            denominator,
            reported_by,
            submission_id,
            known_from,
            is_corrected,
            series_segment
        from made_{{ step }}
        where reason is null
    ),
{% endfor %}
made as (
    {%- for step in steps %}
        {{ "union all" if not loop.first }}
        select * from made_{{ step }}
    {%- endfor %}
),

-- A list of all that is missing would be as long as nobody cares for.
listed as (
    select
        *,
        bool_or(reason is null) over (partition by kpi_code, period_code, source) as is_complete_somewhere
    from made
),

divided as (
    select
        *,
        case when reason is null then numerator end as complete_numerator,
        case when reason is null then denominator end as complete_denominator
    from listed
    where is_complete_somewhere
),

valued as (
    select
        *,
        case
            when kpi_kind = 'count' then complete_numerator
            else {{ ratio_pct("complete_numerator", "complete_denominator") }}
        end as value
    from divided
),

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
        true as period_known,
        source,
        complete_numerator as numerator,
        complete_denominator as denominator,
        value,
        value as value_low,
        value as value_high,
        case when value is not null then '=' end as bound,
        null as value_as_printed,
        null as stated_value,
        null as decimals,
        null as is_stated_consistent,
        coalesce(reason, case when kpi_kind = 'ratio' and complete_denominator = 0 then 'zero_denominator' end)
            as no_value_reason,
        'periods' as made_from,
        parts_count,
        parts_expected,
        null as weight_coverage_pct,
        series_segment,
        is_corrected,
        reported_by,
        submission_id,
        known_from
    from valued
)

select * from final
