-- MODEL-07: forms of one source that give different figures for one data element of an agency and period.
with elements as (
    select * from {{ ref("int_observations") }}
    where element_kind = 'data_element'
),

differing as (
    select
        agency_id,
        element_code,
        period_code,
        source
    from elements
    group by agency_id, element_code, period_code, source
    having min(value) <> max(value) and min(form_code) <> max(form_code)
),

final as (
    select
        'MODEL-07' as rule_id,
        elements.agency_id,
        elements.period_code,
        elements.element_code,
        elements.source as row_key,
        {{ joined_texts(
            "elements.form_code || ': ' || " ~ vi_number("elements.value"), "; ", "elements.form_code"
        ) }} as found
    from elements
    inner join differing
        on
            elements.agency_id = differing.agency_id
            and elements.element_code = differing.element_code
            and elements.period_code = differing.period_code
            and elements.source = differing.source
    group by elements.agency_id, elements.period_code, elements.element_code, elements.source
)

select * from final
