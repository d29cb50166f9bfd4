-- MODEL-08: the value that an agency states and the one computed from its lists of services and dossiers.
-- MODEL-09: the value of an agency's own reports and the one published. A published value that is a bound or was
-- rounded differs only from what lies outside of what it says. A value made from others is held against a report if
-- nothing is missing from it, and never against another such value, as their parts have been held against each other.
with limits as (
    select
        rule_id,
        threshold
    from {{ ref("stg_rules") }}
    where rule_id in ('MODEL-08', 'MODEL-09')
),

kpis as (
    select * from {{ ref("stg_kpis") }}
),

kpi_values as (
    select
        kpi_values.*,
        kpis.unit = '%' as is_pct
    from {{ ref("int_kpi_values") }} as kpi_values
    inner join kpis
        on kpi_values.kpi_code = kpis.kpi_code and kpi_values.formula_version = kpis.formula_version
    where
        kpi_values.basis = 'reported'
        and kpi_values.no_value_reason is null
        and kpi_values.parts_count = kpi_values.parts_expected
),

listed as (
    select * from kpi_values
    where source = 'service_level'
),

stated as (
    select * from kpi_values
    where source = 'self_reported'
),

own as (
    select * from stated
    union all
    select listed.*
    from listed
    anti join stated
        on
            listed.agency_id = stated.agency_id
            and listed.kpi_code = stated.kpi_code
            and listed.period_code = stated.period_code
),

pairs as (
    select
        'MODEL-08' as rule_id,
        stated.agency_id,
        stated.period_code,
        stated.kpi_code,
        stated.submission_id,
        stated.is_pct,
        stated.value as own_value,
        listed.value as other_value,
        listed.value as other_low,
        listed.value as other_high,
        {{ figure_vi("listed.value", "listed.is_pct") }} as other_text
    from stated
    inner join listed
        on
            stated.agency_id = listed.agency_id
            and stated.kpi_code = listed.kpi_code
            and stated.period_code = listed.period_code
    where stated.made_from = 'report' or listed.made_from = 'report'
    union all
    select
        'MODEL-09' as rule_id,
        own.agency_id,
        own.period_code,
        own.kpi_code,
        own.submission_id,
        own.is_pct,
        own.value as own_value,
        published.value as other_value,
        published.value_low - {{ half_unit("coalesce(published.decimals, 0)") }} as other_low,
        published.value_high + {{ half_unit("coalesce(published.decimals, 0)") }} as other_high,
        coalesce(published.value_as_printed, {{ figure_vi("published.value", "published.is_pct") }}) as other_text
    from own
    inner join kpi_values as published
        on
            own.agency_id = published.agency_id
            and own.kpi_code = published.kpi_code
            and own.period_code = published.period_code
            and published.source = 'published'
    where own.made_from = 'report' or published.made_from = 'report'
),

measured as (
    select
        *,
        greatest(other_low - own_value, own_value - other_high, 0) as distance
    from pairs
),

final as (
    select
        measured.rule_id,
        measured.agency_id,
        measured.period_code,
        measured.kpi_code,
        measured.submission_id,
        {{ figure_vi("measured.own_value", "measured.is_pct") }} as found,
        measured.other_text as expected
    from measured
    inner join limits
        on
            measured.rule_id = limits.rule_id
            and case
                when measured.is_pct then measured.distance > limits.threshold
                else measured.distance * 100 > limits.threshold * greatest(measured.own_value, measured.other_value)
            end
)

select * from final
