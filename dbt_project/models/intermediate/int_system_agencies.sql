-- Which agencies an item of a system is asked of: whom a target of its indicator binds, and on the as-of day whom form
-- F01 asks for its data elements and who owes a form that has them. `target_id` is the target that says so.
with items as (
    select * from {{ ref("int_system_items") }}
    where measure_kind <> 'milestone'
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
    where agency_kind <> 'collective'
),

bound as (
    select
        items.system_code,
        items.item_code,
        agencies.agency_id,
        targets.target_id,
        row_number() over (
            partition by items.system_code, items.item_code, agencies.agency_id
            order by
                targets.issuing_rank asc,
                target_agencies.scope_rank asc,
                targets.effective_from desc nulls last,
                targets.deadline asc nulls last,
                targets.target_id asc
        ) as primary_first
    from items
    inner join {{ ref("int_targets") }} as targets on items.kpi_code = targets.kpi_code
    inner join {{ ref("int_target_agencies") }} as target_agencies on targets.target_id = target_agencies.target_id
    inner join agencies on target_agencies.agency_id = agencies.agency_id
    cross join parameters
    where
        not targets.is_milestone
        and parameters.as_of >= agencies.valid_from
        and (
            target_agencies.scope_rank <= 2
            or least(coalesce(targets.deadline, targets.effective_from, parameters.as_of), parameters.as_of)
            between agencies.valid_from and agencies.valid_until
        )
),

elements as (
    select
        system_code,
        item_code,
        element_code
    from items
    where element_code is not null
    union
    select
        system_code,
        item_code,
        denominator_element as element_code
    from items
    where denominator_element is not null
),

scopes as (
    select
        elements.system_code,
        elements.item_code,
        {{ unnested("data_elements.reported_by") }} as item
    from elements
    inner join {{ ref("stg_data_elements") }} as data_elements on elements.element_code = data_elements.element_code
    union
    select
        elements.system_code,
        elements.item_code,
        {{ unnested("obligations.scope") }} as item
    from elements
    inner join {{ ref("stg_form_columns") }} as form_columns on elements.element_code = form_columns.element_code
    inner join {{ ref("stg_reporting_obligations") }} as obligations on form_columns.form_code = obligations.form_code
    inner join parameters on parameters.as_of between obligations.valid_from and obligations.valid_until
),

asked as (
    select distinct
        scopes.system_code,
        scopes.item_code,
        agencies.agency_id
    from scopes
    inner join agencies on {{ names_agency("scopes.item", "agencies") }}
    inner join parameters on parameters.as_of between agencies.valid_from and agencies.valid_until
),

primarily_bound as (
    select * from bound
    where primary_first = 1
),

final as (
    select
        primarily_bound.target_id,
        coalesce(primarily_bound.system_code, asked.system_code) as system_code,
        coalesce(primarily_bound.item_code, asked.item_code) as item_code,
        coalesce(primarily_bound.agency_id, asked.agency_id) as agency_id
    from asked
    full outer join primarily_bound
        on
            asked.system_code = primarily_bound.system_code
            and asked.item_code = primarily_bound.item_code
            and asked.agency_id = primarily_bound.agency_id
)

select * from final
