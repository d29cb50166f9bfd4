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
        {{ before_and_after("given_before", "now_given") | indent(4) }}
    from now_given
    full outer join given_before
        on {{ same_value("given_before", "now_given") | indent(8) }}
),

judged as (
    select
        *,
        {{ what_differs() | indent(4) }}
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
        {{ all_but(["is_new", "had_value", "has_value"]) }},
        {{ change_kind() | indent(8) }} as change_kind,
        {{ value_or_none_vi("before") | indent(8) }} as value_text_before_vi,
        {{ value_or_none_vi("after") | indent(8) }} as value_text_after_vi
    from restated
)

select * from final
