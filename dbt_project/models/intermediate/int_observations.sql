-- One row per agency, data element (or stated KPI), period, form and reporting agency: what the current
-- submissions say, of two sayings the one known last. A correction in force counts instead of the figure it names,
-- as long as the source still says that figure.
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

corrections as (
    select
        corrections.correction_id,
        corrections.agency_id,
        corrections.element_code,
        corrections.period_code,
        corrections.form_code,
        corrections.value_found,
        corrections.value_corrected
    from {{ ref("stg_corrections") }} as corrections
    inner join parameters on parameters.as_of between corrections.decided_on and corrections.expires_on
),

reported_totals as (
    {{ rows_of_all([ref("int_element_totals"), ref("int_service_totals"), ref("int_dossier_totals")]) }}
),

totals as (
    select
        *,
        'report' as made_from,
        1 as parts_count,
        1 as parts_expected
    from reported_totals
    union all
    select
        submission_id,
        agency_id,
        agency_id as reported_by,
        period_code,
        period_start,
        period_end,
        true as period_known,
        known_from,
        'F02' as form_code,
        null as sheet,
        null as row_number,
        null as rows_count,
        element_code,
        value,
        'periods' as made_from,
        parts_count,
        parts_expected
    from {{ ref("int_service_periods") }}
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
        made_from,
        parts_count,
        parts_expected,
        value,
        value as value_low,
        value as value_high,
        '=' as bound,
        cast(null as {{ dbt.type_string() }}) as value_as_printed,
        cast(null as integer) as decimals,
        cast(null as {{ dbt.type_string() }}) as printed_unit,
        cast(null as bigint) as numerator,
        cast(null as bigint) as denominator,
        cast(null as decimal(28, 6)) as stated_value
    from totals
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
        'report' as made_from,
        1 as parts_count,
        1 as parts_expected,
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
        union all
        select * from published_values
    ) as observations
    inner join submissions on observations.submission_id = submissions.submission_id
    inner join forms on observations.form_code = forms.form_code
    inner join parameters on observations.known_from <= parameters.as_of
),

newest as (
    select {{ all_but(["newest_first"]) }} from known
    where newest_first = 1
),

final as (
    select
        newest.submission_id,
        newest.agency_id,
        newest.reported_by,
        newest.period_code,
        newest.period_start,
        newest.period_end,
        newest.period_known,
        newest.known_from,
        newest.form_code,
        newest.source,
        newest.sheet,
        newest.row_number,
        newest.rows_count,
        newest.element_code,
        newest.element_kind,
        newest.made_from,
        newest.parts_count,
        newest.parts_expected,
        newest.value_as_printed,
        newest.decimals,
        newest.printed_unit,
        newest.stated_value,
        newest.value as value_reported,
        corrections.correction_id,
        {{ unless_corrected("newest.numerator") }} as numerator,
        {{ unless_corrected("newest.denominator") }} as denominator,
        {{ unless_corrected("newest.value", "corrections.value_corrected") }} as value,
        {{ unless_corrected("newest.value_low", "corrections.value_corrected") }} as value_low,
        {{ unless_corrected("newest.value_high", "corrections.value_corrected") }} as value_high,
        {{ unless_corrected("newest.bound", "'='") }} as bound
    from newest
    left join corrections
        on
            newest.agency_id = corrections.agency_id
            and newest.element_code = corrections.element_code
            and newest.period_code = corrections.period_code
            and newest.form_code = corrections.form_code
            and newest.value = corrections.value_found
)

select * from final
