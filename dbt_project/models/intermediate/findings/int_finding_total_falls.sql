-- MODEL-04: a running total smaller than that of a period that ended earlier. It runs from the beginning for data
-- elements that are cumulative, and from the first day of the period for those that are added up.
with elements as (
    select * from {{ ref("stg_data_elements") }}
    where time_aggregation in ('sum', 'cumulative')
),

kpis as (
    select * from {{ ref("stg_kpis") }}
    where kpi_kind = 'count'
),

totals as (
    select
        observations.*,
        kpis.kpi_code,
        elements.element_code as counted_element,
        case when elements.time_aggregation = 'sum' then observations.period_start end as counted_from
    from {{ ref("int_observations") }} as observations
    left join kpis
        on
            observations.element_code = kpis.kpi_code
            and observations.period_end between kpis.valid_from and kpis.valid_until
    inner join elements
        on
            case observations.element_kind
                when 'data_element' then observations.element_code
                else kpis.numerator_element
            end = elements.element_code
    where
        observations.period_known
        and (elements.time_aggregation = 'cumulative' or observations.period_start is not null)
),

compared as (
    select
        *,
        lag(value_low) over totals_in_time as earlier_low,
        lag(period_code) over totals_in_time as earlier_period_code,
        lag(period_end) over totals_in_time as earlier_end
    from totals
    window
        totals_in_time as (
            partition by agency_id, counted_element, kpi_code, form_code, reported_by, counted_from
            order by period_end, period_start nulls first, period_code
        )
),

final as (
    select
        'MODEL-04' as rule_id,
        agency_id,
        form_code,
        period_code,
        kpi_code,
        counted_element as element_code,
        kpi_code as row_key,
        submission_id,
        {{ vi_number("value_high") }} as found,
        {{ vi_number("earlier_low") }} || ' (' || {{ period_words_vi("earlier_period_code") }} || ')' as evidence
    from compared
    where earlier_end < period_end and value_high < earlier_low
)

select * from final
