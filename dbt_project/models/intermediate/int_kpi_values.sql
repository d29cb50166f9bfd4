-- All values on both bases. Of the sources of one value the headline is the most detailed one that has a value.
with based as (
    {{ rows_of_all([
        ref("int_kpi_values_summed"), ref("int_kpi_values_growth"), ref("int_index_values")
    ]) }}
),

final as (
    select
        {{ kpi_value_columns() | indent(4) }},
        basis,
        row_number() over (
            partition by agency_id, kpi_code, period_code, basis
            order by
                no_value_reason is null desc,
                {{ source_rank("source") }} asc,
                source asc
        ) = 1 as is_headline
    from based
)

select * from final
