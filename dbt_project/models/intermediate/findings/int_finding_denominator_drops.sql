-- MODEL-05: the denominator of an indicator falls by more than the threshold from one period to the next of its kind,
-- unless the series of such an indicator is broken between the two.
with limits as (
    {{ limits_of("MODEL-05") }}
),

elements as (
    select distinct elements.element_code
    from {{ ref("stg_data_elements") }} as elements
    inner join {{ ref("stg_kpis") }} as kpis on elements.element_code = kpis.denominator_element
    where elements.time_aggregation in ('sum', 'last')
),

breaks as (
    select distinct
        kpis.denominator_element as element_code,
        series_breaks.break_on
    from {{ ref("stg_series_breaks") }} as series_breaks
    inner join {{ ref("stg_kpis") }} as kpis on series_breaks.kpi_code = kpis.kpi_code
),

figures as (
    select
        observations.*,
        {{ period_type("observations.period_code") }} as period_type
    from {{ ref("int_observations") }} as observations
    inner join elements on observations.element_code = elements.element_code
    where observations.period_known and observations.period_code not like '%..%'
),

compared as (
    select
        *,
        lag(value) over kind_in_time as earlier_value,
        lag(period_code) over kind_in_time as earlier_period_code,
        lag(period_end) over kind_in_time as earlier_end
    from figures
    window
        kind_in_time as (
            partition by agency_id, element_code, form_code, reported_by, period_type
            order by period_end
        )
),

fallen as (
    select compared.*
    from compared
    inner join limits
        on
            compared.earlier_value >= limits.minimum
            and compared.value * 100 < compared.earlier_value * (100 - limits.threshold)
    where compared.earlier_end = compared.period_start - 1
),

final as (
    select
        'MODEL-05' as rule_id,
        fallen.agency_id,
        fallen.form_code,
        fallen.period_code,
        fallen.element_code,
        fallen.submission_id,
        {{ vi_number("fallen.value") }} as found,
        {{ vi_number("fallen.earlier_value") }} || ' (' || {{ period_words_vi("fallen.earlier_period_code") }} || ')'
            as evidence
    from fallen
    left join breaks
        on
            fallen.element_code = breaks.element_code
            and breaks.break_on between fallen.earlier_end + 1 and fallen.period_end
    where breaks.element_code is null
)

select * from final
