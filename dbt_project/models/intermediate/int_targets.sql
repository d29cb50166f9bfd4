-- Targets with the days they hold for. A target that was amended holds until the day before its first amendment
-- takes effect; one without a first day holds for every period before, one without a deadline for every one after.
with recursive targets as (
    select * from {{ ref("stg_targets") }}
),

lineage (target_id, first_target_id) as (
    select
        target_id,
        target_id as first_target_id
    from targets
    where amends is null
    {{ recursion_union() }}
    select
        targets.target_id,
        lineage.first_target_id
    from lineage
    inner join targets on lineage.target_id = targets.amends
),

amendments as (
    select
        amends as target_id,
        min(effective_from) as amended_on,
        {{ joined_texts("target_id", ", ", "effective_from nulls last, target_id") }} as amended_by
    from targets
    where amends is not null
    group by amends
),

chains as (
    select
        lineage.first_target_id,
        {{ joined_texts("lineage.target_id", " → ", "targets.effective_from nulls first, lineage.target_id") }}
            as amendment_chain
    from lineage
    inner join targets on lineage.target_id = targets.target_id
    group by lineage.first_target_id
    having count(*) > 1
),

final as (
    select
        targets.target_id,
        targets.kpi_code,
        targets.target_name_vi,
        targets.target_type,
        targets.operator,
        targets.target_value,
        targets.unit,
        targets.scope_vi,
        targets.responsible_vi,
        targets.effective_from,
        targets.deadline,
        targets.amends,
        targets.issuing_level,
        targets.legal_basis,
        targets.exclusion_vi,
        targets.is_milestone,
        amendments.amended_on,
        amendments.amended_by,
        chains.amendment_chain,
        case targets.issuing_level when 'national' then 1 when 'ministry' then 2 else 3 end as issuing_rank,
        coalesce(targets.effective_from, date '0001-01-01') as valid_from,
        least(targets.deadline, cast(amendments.amended_on - 1 as date), date '9999-12-31') as valid_until
    from targets
    left join amendments on targets.target_id = amendments.target_id
    left join lineage on targets.target_id = lineage.target_id
    left join chains on lineage.first_target_id = chains.first_target_id
)

select * from final
