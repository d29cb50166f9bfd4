with headline_values as (
    select * from {{ ref("int_kpi_values") }}
    where is_headline
),

agencies as (
    select * from {{ ref("int_agencies") }}
    where rank_group is not null
),

kpis as (
    select * from {{ ref("stg_kpis") }}
    where kpi_kind <> 'milestone'
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

ranked_periods as (
    select distinct
        headline_values.kpi_code,
        headline_values.formula_version,
        headline_values.basis,
        headline_values.period_code,
        headline_values.period_start,
        headline_values.period_end,
        headline_values.period_known,
        agencies.rank_group
    from headline_values
    inner join agencies on headline_values.agency_id = agencies.agency_id
),

-- Every agency of the group that existed on the last day of the period, whether it has a value or not.
candidates as (
    select
        ranked_periods.*,
        agencies.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.agency_kind,
        kpis.kpi_name_vi,
        kpis.unit,
        kpis.direction,
        headline_values.source,
        headline_values.value,
        headline_values.value_low,
        headline_values.value_high,
        headline_values.bound,
        headline_values.no_value_reason,
        headline_values.kpi_code is not null as is_reported,
        coalesce(headline_values.bound in ('=', '≈') and headline_values.value is not null, false) as is_ranked
    from ranked_periods
    cross join parameters
    inner join kpis
        on ranked_periods.kpi_code = kpis.kpi_code and ranked_periods.formula_version = kpis.formula_version
    inner join agencies
        on
            ranked_periods.rank_group = agencies.rank_group
            and case ranked_periods.basis when 'current' then parameters.as_of else ranked_periods.period_end end
            between agencies.valid_from and agencies.valid_until
    left join headline_values
        on
            ranked_periods.kpi_code = headline_values.kpi_code
            and ranked_periods.basis = headline_values.basis
            and ranked_periods.period_code = headline_values.period_code
            and agencies.agency_id = headline_values.agency_id
),

ranked as (
    select
        *,
        case
            when is_ranked
                then
                    rank() over (
                        partition by kpi_code, basis, period_code, rank_group
                        order by is_ranked desc, case direction when 'lower' then value else -value end
                    )
        end as rank,
        count(*) over (partition by kpi_code, basis, period_code, rank_group, is_ranked, value) > 1
        and is_ranked as is_tied,
        count(*) filter (where is_ranked) over (partition by kpi_code, basis, period_code, rank_group)
            as ranked_count,
        count(*) over (partition by kpi_code, basis, period_code, rank_group) as in_scope_count,
        bool_and(coalesce(source, 'published') = 'published') over (
            partition by kpi_code, basis, period_code, rank_group
        ) as is_published_only
    from candidates
),

final as (
    select
        {{ surrogate_key(["agency_id", "kpi_code", "period_code", "basis"]) }} as rank_key,
        agency_id,
        agency_code,
        agency_name_vi,
        agency_kind,
        kpi_code,
        kpi_name_vi,
        unit,
        period_code,
        {{ period_name_vi("period_code", "period_start", "period_end", "period_known") }} as period_name_vi,
        {{ period_type("period_code") }} as period_type,
        period_start,
        period_end,
        period_known,
        basis,
        source,
        value,
        case
            when not is_reported then 'Chưa có số liệu'
            when no_value_reason is not null then 'Không tính được'
            else {{ value_text_vi("value", "bound", "value_low", "value_high", "unit") }}
        end as value_text_vi,
        rank,
        is_tied,
        ranked_count,
        in_scope_count,
        case
            when is_ranked then null
            when not is_reported then 'Chưa có số liệu'
            when no_value_reason is not null then {{ status_reason_vi("no_value_reason") }}
            else 'Số liệu chỉ nêu mức giới hạn hoặc khoảng giá trị'
        end as not_ranked_reason_vi,
        case when ranked_count = in_scope_count then 'toàn bộ ' else 'trong số ' || ranked_count || '/' end
        || in_scope_count
        || case rank_group when 'ministry' then ' bộ, cơ quan ngang bộ' else ' tỉnh, thành phố' end
        || case when is_published_only then ' được công bố' else ' có số liệu' end as scope_note_vi,
        rank_group,
        {{ label_vi("rank_group", {"ministry": "Bộ, cơ quan ngang bộ", "province": "Tỉnh, thành phố"}) }}
            as rank_group_vi
    from ranked
)

select * from final
