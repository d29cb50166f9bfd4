-- MODEL-03: one large count given by several agencies for one period. Of sixty agencies with figures around ten
-- thousand, two have the same by chance in one case of ten; around a million, in one of a thousand. A ministry and its
-- unit may well have the same count, so that agencies are held against agencies and units against units.
with agencies as (
    select * from {{ ref("int_agencies") }}
),

kpis as (
    select * from {{ ref("stg_kpis") }}
    where kpi_kind = 'count'
),

limits as (
    {{ limits_of("MODEL-03") }}
),

counts as (
    select
        observations.agency_id,
        agencies.agency_name_vi,
        observations.period_code,
        observations.value,
        agencies.agency_kind = 'unit' as is_unit,
        coalesce(kpis.numerator_element, observations.element_code) as element_code,
        min(kpis.kpi_code) as kpi_code,
        min(observations.submission_id) as submission_id
    from {{ ref("int_observations") }} as observations
    inner join limits on observations.value >= limits.minimum
    inner join agencies on observations.agency_id = agencies.agency_id
    left join kpis
        on
            observations.element_code = kpis.kpi_code
            and observations.period_end between kpis.valid_from and kpis.valid_until
    where
        observations.bound = '='
        and observations.period_known
        and agencies.agency_kind <> 'collective'
        and (observations.element_kind = 'data_element' or kpis.kpi_code is not null)
    group by all
),

shared as (
    select
        is_unit,
        element_code,
        period_code,
        value,
        {{ joined_texts("agency_name_vi", "; ", "agency_id") }} as agency_names
    from counts
    group by is_unit, element_code, period_code, value
    having count(*) > 1
),

final as (
    select
        'MODEL-03' as rule_id,
        counts.agency_id,
        counts.period_code,
        counts.kpi_code,
        counts.element_code,
        counts.submission_id,
        {{ vi_number("counts.value") }} as found,
        shared.agency_names as evidence
    from counts
    inner join shared
        on
            counts.is_unit = shared.is_unit
            and counts.element_code = shared.element_code
            and counts.period_code = shared.period_code
            and counts.value = shared.value
)

select * from final
