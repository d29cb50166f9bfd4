-- What differs from the publication before. A period it did not speak of is reported for the first time, which
-- changes nothing.
with earlier as (
    select * from {{ ref("stg_previous_publication") }}
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

kpis as (
    select * from {{ ref("dim_kpi") }}
),

given_before as (
    select * from {{ ref("stg_archived_values") }}
),

now_given as (
    select * from {{ ref("int_publication_values") }}
),

published_periods as (
    select distinct
        kpi_code,
        basis,
        period_code
    from given_before
),

compared as (
    select
        given_before.value as value_before,
        now_given.value as value_after,
        given_before.value_low as value_low_before,
        now_given.value_low as value_low_after,
        given_before.value_high as value_high_before,
        now_given.value_high as value_high_after,
        given_before.bound as bound_before,
        now_given.bound as bound_after,
        given_before.numerator as numerator_before,
        now_given.numerator as numerator_after,
        given_before.denominator as denominator_before,
        now_given.denominator as denominator_after,
        given_before.no_value_reason as no_value_reason_before,
        now_given.no_value_reason as no_value_reason_after,
        given_before.status as status_before,
        now_given.status as status_after,
        given_before.target_id as target_id_before,
        now_given.target_id as target_id_after,
        given_before.target_value as target_value_before,
        now_given.target_value as target_value_after,
        given_before.rank as rank_before,
        now_given.rank as rank_after,
        given_before.submission_id as submission_id_before,
        now_given.submission_id as submission_id_after,
        coalesce(now_given.agency_id, given_before.agency_id) as agency_id,
        coalesce(now_given.kpi_code, given_before.kpi_code) as kpi_code,
        coalesce(now_given.period_code, given_before.period_code) as period_code,
        coalesce(now_given.period_start, given_before.period_start) as period_start,
        coalesce(now_given.period_end, given_before.period_end) as period_end,
        coalesce(now_given.period_known, given_before.period_known) as period_known,
        coalesce(now_given.basis, given_before.basis) as basis,
        given_before.agency_id is null as is_new
    from now_given
    full outer join given_before
        on
            now_given.agency_id = given_before.agency_id
            and now_given.kpi_code = given_before.kpi_code
            and now_given.period_code = given_before.period_code
            and now_given.basis = given_before.basis
),

judged as (
    select
        *,
        (
            value_before is distinct from value_after
            or value_low_before is distinct from value_low_after
            or value_high_before is distinct from value_high_after
            or bound_before is distinct from bound_after
            or numerator_before is distinct from numerator_after
            or denominator_before is distinct from denominator_after
        ) as is_value_changed,
        (status_before is distinct from status_after) as is_status_changed,
        (rank_before is distinct from rank_after) as is_rank_changed,
        coalesce(bound_before, no_value_reason_before) is not null as had_value,
        coalesce(bound_after, no_value_reason_after) is not null as has_value
    from compared
),

restated as (
    select
        judged.*,
        kpis.unit,
        earlier.publication_id as previous_publication_id,
        earlier.as_of as previous_as_of,
        parameters.as_of,
        {{ surrogate_key(["judged.agency_id", "judged.kpi_code", "judged.period_code", "judged.basis"]) }}
            as restatement_key
    from judged
    cross join earlier
    cross join parameters
    left join published_periods
        on
            judged.kpi_code = published_periods.kpi_code
            and judged.basis = published_periods.basis
            and judged.period_code = published_periods.period_code
    left join kpis on judged.kpi_code = kpis.kpi_code
    where
        (judged.is_value_changed or judged.is_status_changed or judged.is_rank_changed)
        and (not judged.is_new or published_periods.period_code is not null)
),

final as (
    select
        * exclude (is_new, had_value, has_value),
        case
            when had_value and not has_value then 'withdrawn'
            when has_value and not had_value then 'appeared'
            else 'changed'
        end as change_kind,
        case
            when no_value_reason_before is not null then 'Không tính được'
            when bound_before is null then 'Chưa có số liệu'
            else {{ value_text_vi("value_before", "bound_before", "value_low_before", "value_high_before", "unit") }}
        end as value_text_before_vi,
        case
            when no_value_reason_after is not null then 'Không tính được'
            when bound_after is null then 'Chưa có số liệu'
            else {{ value_text_vi("value_after", "bound_after", "value_low_after", "value_high_after", "unit") }}
        end as value_text_after_vi
    from restated
)

select * from final
