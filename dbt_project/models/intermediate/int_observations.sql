-- One row per agency, data element (or stated KPI), period, form and reporting agency: what the current
-- submissions say, of two sayings the one known last.
with submissions as (
    select * from {{ ref("int_submissions") }}
    where is_current
),

forms as (
    select * from {{ ref("stg_forms") }}
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

data_elements as (
    select
        {{ lake_envelope() }},
        form_code,
        sheet,
        row_number,
        rows_count,
        element_code,
        'data_element' as element_kind,
        value,
        value as value_low,
        value as value_high,
        '=' as bound,
        cast(null as varchar) as value_as_printed,
        cast(null as integer) as decimals,
        cast(null as varchar) as printed_unit,
        cast(null as bigint) as numerator,
        cast(null as bigint) as denominator,
        cast(null as decimal(28, 6)) as stated_value
    from (
        select * from {{ ref("int_element_totals") }}
        union all by name
        select * from {{ ref("int_service_totals") }}
        union all by name
        select * from {{ ref("int_dossier_totals") }}
    )
),

published_values as (
    select
        {{ lake_envelope() }},
        'F07' as form_code,
        sheet,
        row_number,
        1 as rows_count,
        kpi_code as element_code,
        'kpi_statement' as element_kind,
        stated_value as value,
        value_low,
        value_high,
        bound,
        value_as_printed,
        decimals,
        printed_unit,
        numerator,
        denominator,
        stated_value
    from {{ ref("stg_published_values") }}
),

known as (
    select
        observations.*,
        forms.source,
        row_number() over (
            partition by
                observations.agency_id,
                observations.element_code,
                observations.period_code,
                observations.form_code,
                observations.reported_by
            order by
                observations.known_from desc,
                submissions.decision_number desc,
                observations.submission_id desc,
                observations.row_number desc
        ) as newest_first
    from (
        select * from data_elements
        union all by name
        select * from published_values
    ) as observations
    inner join submissions on observations.submission_id = submissions.submission_id
    inner join forms on observations.form_code = forms.form_code
    inner join parameters on observations.known_from <= parameters.as_of
),

final as (
    select * exclude (newest_first) from known
    where newest_first = 1
)

select * from final
