-- How each source stands on the as-of day, as `national_kpi.sources.freshness` judges it: as the newest pull until then
-- found it.
with parameters as (
    select * from {{ ref("stg_parameters") }}
),

sources as (
    select * from {{ ref("stg_sources") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

states as (
    select states.*
    from {{ ref("stg_source_states") }} as states
    inner join parameters on states.began_on <= parameters.as_of
),

newest as (
    select * from states
    qualify row_number() over (partition by source_id order by state_id desc) = 1
),

spans as (
    select
        source_id,
        min(began_on) as first_on,
        max(case when source_state = 'good' then state_id else 0 end) as last_good_id
    from states
    group by source_id
),

failures as (
    select
        states.source_id,
        min(states.began_on) as failing_since
    from states
    inner join spans on states.source_id = spans.source_id and states.state_id > spans.last_good_id
    group by states.source_id
),

news as (
    select
        pulls.source_id,
        max(pulls.pulled_on) as newest_on
    from {{ ref("stg_pulls") }} as pulls
    inner join parameters on pulls.pulled_on <= parameters.as_of
    group by pulls.source_id
),

final as (
    select
        sources.source_id,
        sources.source_name_vi,
        agencies.agency_id,
        newest.source_state,
        newest.place,
        failures.failing_since,
        sources.expected_days,
        coalesce(news.newest_on, spans.first_on) as newest_on,
        {{ days_between("failures.failing_since", "parameters.as_of") }} as failing_days,
        {{ days_between("coalesce(news.newest_on, spans.first_on)", "parameters.as_of") }} as silent_days
    from sources
    cross join parameters
    inner join newest on sources.source_id = newest.source_id
    inner join spans on sources.source_id = spans.source_id
    inner join agencies
        on
            sources.agency_code = agencies.agency_code
            and parameters.as_of between agencies.valid_from and agencies.valid_until
    left join failures on sources.source_id = failures.source_id
    left join news on sources.source_id = news.source_id
)

select * from final
