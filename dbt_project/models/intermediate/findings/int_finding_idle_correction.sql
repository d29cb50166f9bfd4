-- MODEL-12: a correction of the catalogue that does not apply, because its time is over or because the source no
-- longer says the value it names.
with parameters as (
    select * from {{ ref("stg_parameters") }}
),

corrections as (
    select
        corrections.*,
        parameters.as_of
    from {{ ref("stg_corrections") }} as corrections
    inner join parameters on corrections.decided_on <= parameters.as_of
),

observations as (
    select * from {{ ref("int_observations") }}
),

applied as (
    select distinct correction_id from observations
    where correction_id is not null
),

kpi_codes as (
    select distinct kpi_code from {{ ref("stg_kpis") }}
),

idle as (
    select
        corrections.correction_id,
        corrections.agency_id,
        corrections.form_code,
        corrections.value_found,
        corrections.expires_on,
        corrections.as_of,
        corrections.reason_vi,
        observations.period_code,
        observations.value_reported,
        kpi_codes.kpi_code,
        case when kpi_codes.kpi_code is null then corrections.element_code end as element_code
    from corrections
    left join applied on corrections.correction_id = applied.correction_id
    left join observations
        on
            corrections.agency_id = observations.agency_id
            and corrections.element_code = observations.element_code
            and corrections.period_code = observations.period_code
            and corrections.form_code = observations.form_code
    left join kpi_codes on corrections.element_code = kpi_codes.kpi_code
    where applied.correction_id is null
    qualify row_number() over (partition by corrections.correction_id order by observations.reported_by) = 1
),

final as (
    select
        'MODEL-12' as rule_id,
        agency_id,
        form_code,
        period_code,
        kpi_code,
        element_code,
        correction_id as row_key,
        coalesce({{ vi_number("value_reported") }}, 'không có số liệu') as found,
        {{ vi_number("value_found") }} as expected,
        correction_id
        || case when as_of > expires_on then ', hết hiệu lực ngày ' || {{ vi_date("expires_on") }} else '' end
        || ': '
        || reason_vi as evidence
    from idle
)

select * from final
