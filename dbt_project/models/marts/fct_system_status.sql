with items as (
    select * from {{ ref("int_system_items") }}
),

figures as (
    select * from {{ ref("int_system_figures") }}
),

told as (
    select distinct
        measure_kind,
        measure_code,
        reported_by
    from figures
),

item_names as (
    select * from {{ ref("stg_system_items") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

targets as (
    select * from {{ ref("int_targets") }}
),

gaps as (
    select * from {{ ref("fct_kpi_gap") }}
    where basis = 'reported' and is_primary
),

asked as (
    select
        items.system_code,
        items.item_code,
        items.measure_kind,
        items.measure_code,
        items.is_about_groups,
        system_agencies.agency_id,
        system_agencies.target_id
    from {{ ref("int_system_agencies") }} as system_agencies
    inner join items
        on system_agencies.system_code = items.system_code and system_agencies.item_code = items.item_code
),

-- What one agency tells about a group is not missed of that agency itself.
missed as (
    select
        asked.system_code,
        asked.item_code,
        asked.agency_id,
        asked.target_id
    from asked
    left join figures as own
        on
            asked.measure_kind = own.measure_kind
            and asked.measure_code = own.measure_code
            and asked.agency_id = own.agency_id
    left join told
        on
            asked.is_about_groups
            and asked.measure_kind = told.measure_kind
            and asked.measure_code = told.measure_code
            and asked.agency_id = told.reported_by
    where own.agency_id is null and told.reported_by is null
),

given as (
    select
        items.system_code,
        items.item_code,
        figures.agency_id,
        figures.period_code,
        figures.source,
        figures.numerator,
        figures.denominator,
        figures.value,
        figures.value_low,
        figures.value_high,
        figures.bound,
        figures.value_as_printed,
        figures.no_value_reason,
        figures.state_vi,
        figures.done_on,
        figures.obstacle as obstacle_vi,
        figures.proposal as proposal_vi,
        figures.submission_id,
        gaps.target_id,
        coalesce(gaps.target_id, asked.target_id) as responsible_target_id,
        coalesce(
            gaps.status, case figures.no_value_reason when 'zero_denominator' then 'not_applicable' end, 'has_figure'
        ) as status
    from figures
    inner join items on figures.measure_kind = items.measure_kind and figures.measure_code = items.measure_code
    left join gaps
        on
            items.kpi_code = gaps.kpi_code
            and figures.agency_id = gaps.agency_id
            and figures.period_code = gaps.period_code
    left join asked
        on
            items.system_code = asked.system_code
            and items.item_code = asked.item_code
            and figures.agency_id = asked.agency_id
),

milestones as (
    select
        items.system_code,
        items.item_code,
        statuses.agency_id,
        submissions.period_code,
        {{ nulls([
            "source", "numerator", "denominator", "value", "value_low", "value_high", "bound", "value_as_printed",
            "no_value_reason"
        ]) }},
        statuses.state_vi,
        statuses.done_on,
        statuses.obstacle_vi,
        statuses.proposal_vi,
        statuses.submission_id,
        statuses.target_id,
        statuses.target_id as responsible_target_id,
        statuses.status
    from items
    inner join {{ ref("fct_milestone_status") }} as statuses on items.target_id = statuses.target_id
    left join {{ ref("int_submissions") }} as submissions on statuses.submission_id = submissions.submission_id
),

followed as (
    select * from given
    union all
    select * from milestones
    union all
    select
        system_code,
        item_code,
        agency_id,
        {{ nulls([
            "period_code", "source", "numerator", "denominator", "value", "value_low", "value_high", "bound",
            "value_as_printed", "no_value_reason", "state_vi", "done_on", "obstacle_vi", "proposal_vi",
            "submission_id"
        ]) }},
        target_id,
        target_id as responsible_target_id,
        'no_data' as status
    from missed
),

final as (
    select
        {{ surrogate_key(["followed.system_code", "followed.item_code", "followed.agency_id"]) }} as system_status_key,
        followed.system_code,
        systems.system_name_vi,
        systems.system_name_en,
        followed.item_code,
        item_names.item_position,
        item_names.item_name_vi,
        item_names.item_name_en,
        item_names.measure_kind,
        item_names.kpi_code,
        item_names.element_code,
        followed.target_id,
        targets.target_name_vi,
        followed.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.agency_kind,
        {{ agency_kind_vi("agencies.agency_kind") }} as agency_kind_vi,
        agencies.current_agency_id,
        agencies.current_agency_code,
        agencies.current_agency_name_vi,
        followed.period_code,
        periods.period_name_vi,
        periods.period_start,
        periods.period_end,
        periods.period_known,
        followed.source,
        items.unit,
        followed.numerator,
        followed.denominator,
        followed.value,
        followed.value_low,
        followed.value_high,
        followed.bound,
        followed.value_as_printed,
        case
            when followed.state_vi is not null then followed.state_vi
            when followed.status = 'no_data' then 'Chưa có số liệu'
            when followed.no_value_reason = 'zero_denominator' then 'Không phát sinh'
            when followed.numerator is not null and followed.denominator is not null
                then
                    {{ vi_number("followed.numerator") }} || '/' || {{ vi_number("followed.denominator") }}
                    || ' (' || {{ value_text_vi(
                        "followed.value", "followed.bound", "followed.value_low", "followed.value_high", "items.unit"
                    ) }} || ')'
            else
                {{ value_text_vi(
                    "followed.value", "followed.bound", "followed.value_low", "followed.value_high", "items.unit"
                ) }} || case when items.unit = '%' then '' else ' ' || items.unit end
        end as value_text_vi,
        targets.deadline as due_on,
        followed.done_on,
        followed.status,
        case when followed.status = 'has_figure' then 'Có số liệu' else {{ status_vi("followed.status") }} end
            as status_vi,
        coalesce(responsible.responsible_vi, agencies.agency_name_vi) as responsible_vi,
        followed.obstacle_vi,
        followed.proposal_vi,
        coalesce(targets.legal_basis, item_names.legal_basis) as legal_basis,
        followed.submission_id
    from followed
    inner join {{ ref("stg_systems") }} as systems on followed.system_code = systems.system_code
    inner join item_names
        on followed.system_code = item_names.system_code and followed.item_code = item_names.item_code
    inner join items on followed.system_code = items.system_code and followed.item_code = items.item_code
    inner join agencies on followed.agency_id = agencies.agency_id
    left join targets on followed.target_id = targets.target_id
    left join targets as responsible on followed.responsible_target_id = responsible.target_id
    left join {{ ref("dim_period") }} as periods on followed.period_code = periods.period_code
)

select * from final
