-- MODEL-11: an agency that was split and has values, all of which count for its main successor today. Each successor
-- is told: one has too much, the others lack their share.
with parameters as (
    select * from {{ ref("stg_parameters") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

successions as (
    select successions.*
    from {{ ref("stg_agency_successions") }} as successions
    inner join parameters on successions.effective_on <= parameters.as_of
),

reporting as (
    select distinct agency_id from {{ ref("int_observations") }}
),

splits as (
    select
        successions.from_agency_id,
        max(case when successions.is_main then agencies.agency_name_vi end) as main_name_vi,
        {{ joined_texts("agencies.agency_name_vi", "; ", "successions.is_main desc, agencies.agency_id asc") }}
            as successor_names
    from successions
    inner join reporting on successions.from_agency_id = reporting.agency_id
    inner join agencies on successions.to_agency_id = agencies.agency_id
    group by successions.from_agency_id
    having not bool_and(successions.is_main)
),

final as (
    select
        'MODEL-11' as rule_id,
        successions.to_agency_id as agency_id,
        splits.from_agency_id as row_key,
        agencies.agency_name_vi as found,
        splits.main_name_vi as expected,
        splits.successor_names as evidence
    from splits
    inner join successions on splits.from_agency_id = successions.from_agency_id
    inner join agencies on splits.from_agency_id = agencies.agency_id
)

select * from final
