-- MODEL-10: the units of an agency add up to more than the agency itself counts. Of several forms the one that makes
-- the difference smallest is believed.
with agencies as (
    select * from {{ ref("int_agencies") }}
),

elements as (
    select * from {{ ref("stg_data_elements") }}
    where agency_aggregation = 'sum'
),

-- Most agencies have no units that report for themselves.
families as (
    select parent_id as agency_id
    from agencies
    where agency_kind = 'unit' and parent_id is not null
    union
    select agency_id
    from agencies
    where agency_kind = 'unit' and parent_id is not null
),

figures as (
    select
        observations.agency_id,
        observations.period_code,
        observations.element_code,
        min(observations.value) as smallest,
        max(observations.value) as largest,
        min(observations.submission_id) as submission_id
    from {{ ref("int_observations") }} as observations
    inner join elements on observations.element_code = elements.element_code
    semi join families on observations.agency_id = families.agency_id
    where observations.element_kind = 'data_element'
    group by observations.agency_id, observations.period_code, observations.element_code
),

unit_sums as (
    select
        agencies.parent_id as agency_id,
        figures.period_code,
        figures.element_code,
        count(*) as units_count,
        {{ sum_number("figures.smallest") }} as units_value
    from figures
    inner join agencies on figures.agency_id = agencies.agency_id
    where agencies.agency_kind = 'unit' and agencies.parent_id is not null
    group by agencies.parent_id, figures.period_code, figures.element_code
),

final as (
    select
        'MODEL-10' as rule_id,
        figures.agency_id,
        figures.period_code,
        figures.element_code,
        figures.submission_id,
        {{ vi_number("figures.largest") }} as found,
        {{ vi_number("unit_sums.units_value") }} as expected,
        unit_sums.units_count || ' đơn vị' as evidence
    from figures
    inner join unit_sums
        on
            figures.agency_id = unit_sums.agency_id
            and figures.period_code = unit_sums.period_code
            and figures.element_code = unit_sums.element_code
    where unit_sums.units_value > figures.largest
)

select * from final
