-- A milestone binds the agencies of a kind that existed on its due day (without one, today's); an agency it names,
-- or whose units it names, is bound in any case.
with parameters as (
    select * from {{ ref("stg_parameters") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

final as (
    select
        targets.target_id,
        targets.kpi_code,
        targets.target_name_vi,
        targets.target_value,
        targets.deadline,
        targets.effective_from,
        targets.responsible_vi,
        targets.legal_basis,
        parameters.as_of,
        agencies.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.agency_kind,
        agencies.current_agency_id
    from {{ ref("int_targets") }} as targets
    inner join parameters on targets.amended_on is null or targets.amended_on > parameters.as_of
    inner join {{ ref("int_target_agencies") }} as target_agencies on targets.target_id = target_agencies.target_id
    inner join agencies
        on
            target_agencies.agency_id = agencies.agency_id
            and parameters.as_of >= agencies.valid_from
            and (
                target_agencies.scope_rank <= 2
                or least(coalesce(targets.deadline, targets.effective_from, parameters.as_of), parameters.as_of)
                between agencies.valid_from and agencies.valid_until
            )
    where targets.is_milestone
)

select * from final
