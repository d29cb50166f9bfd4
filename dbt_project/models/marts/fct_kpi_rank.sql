with headline_values as (
    select * from {{ ref("int_kpi_values") }}
    where is_headline
),

agencies as (
    select * from {{ ref("int_agencies") }}
    where rank_group is not null
),

-- What an agency weighs is counted in the things its values are shares of, or are counts of.
kpis as (
    select
        kpis.*,
        coalesce(denominators.unit, kpis.unit) as weight_unit
    from {{ ref("stg_kpis") }} as kpis
    left join {{ ref("stg_data_elements") }} as denominators on kpis.denominator_element = denominators.element_code
    where kpis.kpi_kind <> 'milestone'
),

parameters as (
    select * from {{ ref("stg_parameters") }}
),

measured_groups as (
    select
        headline_values.kpi_code,
        headline_values.formula_version,
        headline_values.basis,
        headline_values.period_code,
        headline_values.period_start,
        headline_values.period_end,
        agencies.rank_group,
        bool_or(headline_values.period_known) as period_known
    from headline_values
    inner join agencies on headline_values.agency_id = agencies.agency_id
    group by all
),

groups as (
    select
        *,
        row_number() over (order by kpi_code, basis, period_code, rank_group) as group_number
    from measured_groups
),

-- Every agency of the group that existed on the last day of the period, whether it has a value or not.
candidates as (
    select
        groups.*,
        agencies.agency_id,
        kpis.kpi_kind,
        kpis.direction,
        kpis.min_denominator,
        headline_values.source,
        headline_values.denominator,
        headline_values.value,
        headline_values.value_low,
        headline_values.value_high,
        headline_values.bound,
        headline_values.no_value_reason,
        case
            when headline_values.kpi_code is null then 'no_data'
            when headline_values.no_value_reason is not null then headline_values.no_value_reason
            when headline_values.value is null or headline_values.bound not in ('=', '≈') then 'bound'
            when kpis.kpi_kind = 'ratio' and headline_values.denominator < kpis.min_denominator
                then 'below_min_denominator'
        end as not_ranked_reason,
        case kpis.kpi_kind when 'ratio' then headline_values.denominator when 'count' then headline_values.value end
            as weight
    from groups
    cross join parameters
    inner join kpis
        on groups.kpi_code = kpis.kpi_code and groups.formula_version = kpis.formula_version
    inner join agencies
        on
            groups.rank_group = agencies.rank_group
            and case groups.basis when 'current' then parameters.as_of else groups.period_end end
            between agencies.valid_from and agencies.valid_until
    left join headline_values
        on
            groups.kpi_code = headline_values.kpi_code
            and groups.basis = headline_values.basis
            and groups.period_code = headline_values.period_code
            and agencies.agency_id = headline_values.agency_id
),

-- Whoever reports nothing now weighs what it did when last heard of, over periods of the same kind.
weighed as (
    select
        *,
        {{ last_known("weight") }} over (
            partition by
                agency_id, kpi_code, basis, {{ period_family("period_code", "period_start", "true") }}
            order by period_end, period_start nulls first, period_code
            rows between unbounded preceding and current row
        ) as last_weight
    from candidates
),

coverage as (
    select
        group_number,
        cast(sum(last_weight) filter (where not_ranked_reason is null) as decimal(28, 6)) as ranked_weight,
        cast(sum(last_weight) as decimal(28, 6)) as in_scope_weight,
        count(*) filter (where not_ranked_reason is null) as ranked_count,
        count(*) as in_scope_count,
        bool_and(last_weight is not null) as is_weight_known,
        bool_and(coalesce(source, 'published') = 'published') as is_published_only
    from weighed
    group by group_number
),

covered_groups as (
    select
        groups.*,
        coverage.ranked_count,
        coverage.in_scope_count,
        coverage.is_published_only,
        case
            when coverage.ranked_count = coverage.in_scope_count then cast(100 as decimal(28, 6))
            when coverage.is_weight_known
                then {{ ratio_pct("coverage.ranked_weight", "coverage.in_scope_weight") }}
        end as ranked_weight_pct
    from groups
    inner join coverage on groups.group_number = coverage.group_number
),

described_groups as (
    select
        covered_groups.*,
        kpis.kpi_name_vi,
        kpis.unit,
        kpis.weight_unit,
        {{ period_name_vi(
            "covered_groups.period_code",
            "covered_groups.period_start",
            "covered_groups.period_end",
            "covered_groups.period_known"
        ) }} as period_name_vi,
        {{ period_type("covered_groups.period_code") }} as period_type,
        {{ coverage_vi(
            "covered_groups.ranked_count",
            "covered_groups.in_scope_count",
            "covered_groups.rank_group",
            "covered_groups.ranked_weight_pct",
            "kpis.weight_unit"
        ) }} as coverage_vi,
        case
            when covered_groups.ranked_count = covered_groups.in_scope_count then 'toàn bộ '
            else 'trong số ' || covered_groups.ranked_count || '/'
        end
        || covered_groups.in_scope_count
        || {{ rank_group_noun_vi("covered_groups.rank_group") }}
        || case when covered_groups.is_published_only then ' được công bố' else ' có số liệu' end as scope_note_vi,
        {{ label_vi("covered_groups.rank_group", {"ministry": "Bộ, cơ quan ngang bộ", "province": "Tỉnh, thành phố"}) }}
            as rank_group_vi
    from covered_groups
    inner join kpis on covered_groups.kpi_code = kpis.kpi_code and covered_groups.formula_version = kpis.formula_version
),

-- Whoever shares its rank is a peer of its own in the order of the ranking.
ranked as (
    select
        *,
        rank() over (
            partition by group_number
            order by case direction when 'lower' then value else -value end
        ) as rank,
        count(*) over (
            partition by group_number
            order by case direction when 'lower' then value else -value end
            range between current row and current row
        ) > 1 as is_tied
    from weighed
    where not_ranked_reason is null
    union all
    select
        *,
        cast(null as bigint) as rank,
        false as is_tied
    from weighed
    where not_ranked_reason is not null
),

final as (
    select
        {{ surrogate_key(["ranked.agency_id", "ranked.kpi_code", "ranked.period_code", "ranked.basis"]) }} as rank_key,
        ranked.agency_id,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.agency_kind,
        ranked.kpi_code,
        described_groups.kpi_name_vi,
        described_groups.unit,
        ranked.period_code,
        described_groups.period_name_vi,
        described_groups.period_type,
        ranked.period_start,
        ranked.period_end,
        ranked.period_known,
        ranked.basis,
        ranked.source,
        ranked.denominator,
        ranked.value,
        case
            when ranked.not_ranked_reason = 'no_data' then 'Chưa có số liệu'
            when ranked.no_value_reason is not null then 'Không tính được'
            else {{ value_text_vi(
                "ranked.value", "ranked.bound", "ranked.value_low", "ranked.value_high", "described_groups.unit"
            ) }}
        end as value_text_vi,
        ranked.rank,
        ranked.is_tied,
        described_groups.ranked_count,
        described_groups.in_scope_count,
        described_groups.ranked_weight_pct,
        described_groups.coverage_vi,
        ranked.not_ranked_reason,
        case ranked.not_ranked_reason
            when 'no_data' then 'Chưa có số liệu'
            when 'below_min_denominator'
                then
                    'Mẫu số (' || {{ vi_number("ranked.denominator") }} || ' ' || described_groups.weight_unit
                    || ') nhỏ hơn mức tối thiểu để xếp hạng ('
                    || {{ vi_number("ranked.min_denominator") }} || ' ' || described_groups.weight_unit || ')'
            else {{ status_reason_vi("ranked.not_ranked_reason") }}
        end as not_ranked_reason_vi,
        described_groups.scope_note_vi,
        ranked.rank_group,
        described_groups.rank_group_vi
    from ranked
    inner join agencies on ranked.agency_id = agencies.agency_id
    inner join described_groups on ranked.group_number = described_groups.group_number
)

select * from final
