-- Values on both bases. Of the sources of one value the headline is the most detailed one that has a value.
with based as (
    select
        *,
        'reported' as basis
    from {{ ref("int_kpi_values_reported") }}
    union all by name
    select
        *,
        'current' as basis
    from {{ ref("int_kpi_values_current") }}
),

final as (
    select
        agency_id,
        kpi_code,
        formula_version,
        {{ lake_period() }},
        source,
        numerator,
        denominator,
        value_as_printed,
        stated_value,
        decimals,
        reported_by,
        submission_id,
        known_from,
        value,
        value_low,
        value_high,
        bound,
        is_stated_consistent,
        no_value_reason,
        basis,
        row_number() over (
            partition by agency_id, kpi_code, period_code, basis
            order by
                no_value_reason is null desc,
                case source when 'service_level' then 1 when 'self_reported' then 2 else 3 end asc,
                source asc
        ) = 1 as is_headline
    from based
)

select * from final
