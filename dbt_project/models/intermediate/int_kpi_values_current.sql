-- The same values for the agencies of the as-of day. What several agencies reported before they were merged is
-- summed, numerators and denominators apart; where that cannot be done there is a reason instead of a value.
with reported as (
    select * from {{ ref("int_kpi_values_by_agency") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

formulas as (
    select * from {{ ref("int_kpi_formulas") }}
),

grouped as (
    select
        agencies.current_agency_id,
        reported.kpi_code,
        reported.formula_version,
        reported.period_code,
        reported.period_start,
        reported.period_end,
        reported.period_known,
        reported.source,
        cast(sum(reported.numerator) as decimal(28, 6)) as numerator,
        cast(sum(reported.denominator) as decimal(28, 6)) as denominator,
        cast(sum(reported.value) as decimal(28, 6)) as value,
        count(*) as members_count,
        count(reported.numerator) as numerators_count,
        count(reported.denominator) as denominators_count,
        min(reported.value_low) as value_low,
        max(reported.value_high) as value_high,
        min(reported.bound) as bound,
        bool_and(reported.bound = '=' and reported.value is not null) as is_exact,
        min(reported.value_as_printed) as value_as_printed,
        min(reported.stated_value) as stated_value,
        min(reported.decimals) as decimals,
        bool_and(reported.is_stated_consistent) as is_stated_consistent,
        min(reported.no_value_reason) as no_value_reason,
        case when min(reported.reported_by) = max(reported.reported_by) then min(reported.reported_by) end
            as reported_by,
        case when min(reported.submission_id) = max(reported.submission_id) then min(reported.submission_id) end
            as submission_id,
        max(reported.known_from) as known_from,
        bool_or(reported.is_corrected) as is_corrected,
        min(reported.series_segment) as series_segment,
        min(reported.made_from) as made_from,
        min(reported.parts_count) as parts_count,
        min(reported.parts_expected) as parts_expected,
        min(reported.weight_coverage_pct) as weight_coverage_pct
    from reported
    inner join agencies on reported.agency_id = agencies.agency_id
    where agencies.current_agency_id is not null
    group by all
),

expected_members as (
    select
        periods.current_agency_id,
        periods.period_end,
        count(*) as agencies_count
    from (
        select distinct
            current_agency_id,
            period_end
        from grouped
    ) as periods
    inner join agencies
        on
            periods.current_agency_id = agencies.current_agency_id
            and periods.period_end between agencies.valid_from and agencies.valid_until
    group by all
),

judged as (
    select
        grouped.*,
        formulas.kpi_kind,
        expected_members.agencies_count,
        grouped.members_count = 1 and coalesce(expected_members.agencies_count, 1) = 1 as is_alone,
        case
            when grouped.members_count < expected_members.agencies_count then 'incomplete_coverage'
            when not formulas.adds_up_over_agencies then 'not_additive'
            when formulas.kpi_kind = 'count' and not grouped.is_exact then 'bound'
            when formulas.kpi_kind = 'count' then null
            when least(grouped.numerators_count, grouped.denominators_count) < grouped.members_count
                then 'only_percentages'
            when grouped.denominator = 0 then 'zero_denominator'
        end as reason
    from grouped
    inner join formulas
        on grouped.kpi_code = formulas.kpi_code and grouped.formula_version = formulas.formula_version
    left join expected_members
        on
            grouped.current_agency_id = expected_members.current_agency_id
            and grouped.period_end = expected_members.period_end
),

merged as (
    select
        *,
        case
            when reason is not null then null
            when kpi_kind = 'count' then value
            else {{ ratio_pct("numerator", "denominator") }}
        end as merged_value
    from judged
),

final as (
    select
        current_agency_id as agency_id,
        kpi_code,
        formula_version,
        {{ lake_period() }},
        source,
        reported_by,
        submission_id,
        known_from,
        is_corrected,
        series_segment,
        case when is_alone then made_from else 'agencies' end as made_from,
        case when is_alone then parts_count else members_count end as parts_count,
        case when is_alone then parts_expected else agencies_count end as parts_expected,
        case when is_alone then weight_coverage_pct end as weight_coverage_pct,
        case when is_alone or reason is null or reason = 'zero_denominator' then numerator end as numerator,
        case when is_alone or reason is null or reason = 'zero_denominator' then denominator end as denominator,
        case when is_alone then value_as_printed end as value_as_printed,
        case when is_alone then stated_value end as stated_value,
        case when is_alone then decimals end as decimals,
        case when is_alone then value else merged_value end as value,
        case when is_alone then value_low else merged_value end as value_low,
        case when is_alone then value_high else merged_value end as value_high,
        case when is_alone then bound when reason is null then '=' end as bound,
        case when is_alone then is_stated_consistent end as is_stated_consistent,
        case when is_alone then no_value_reason else reason end as no_value_reason
    from merged
)

select * from final
