-- Data elements that form F02 gives. By counting its rows: procedures, online services by level, those with
-- dossiers, and the dossiers of online services alone. A procedure below level 3 is not an online service.
-- In its columns, as the catalogue lists them: numbers summed over rows, a yes counted as one.
{%- set columns = element_columns() | selectattr("form_code", "equalto", "F02") | list %}
{%- set in_columns = columns | map(attribute="element_code") | unique | list %}
with services as (
    select
        *,
        {{ is_online_service("service_level") }} as is_online_service,
        service_level = 'mức 4' as is_level4
    from {{ ref("stg_services") }}
),

totals as (
    select
        {{ lake_envelope() }},
        min(sheet) as sheet,
        min(row_number) as row_number,
        count(*) as rows_count,
        {{ count_rows() }} as procedures_count,
        {{ count_rows("is_level4") }} as procedures_level4_count,
        {{ count_rows("is_online_service") }} as services_count,
        {{ count_rows("service_level = 'mức 3'") }} as services_level3_count,
        {{ count_rows("is_level4") }} as services_level4_count,
        {{ count_rows("service_level = 'một phần'") }} as services_partial_count,
        {{ count_rows("service_level = 'toàn trình'") }} as services_full_process_count,
        {{ count_rows("is_online_service and dossiers_online > 0") }} as services_with_online_dossier_count,
        {{ count_rows("is_level4 and dossiers_total > 0") }} as services_level4_with_dossier_count,
        {{ sum_number("case when is_online_service then dossiers_total end") }} as ops_dossiers_received_count,
        {%- for element_code, parts in columns | groupby("element_code") %}
            {{ sum_columns(parts) }} as {{ element_code }},
        {%- endfor %}
        {{ sum_number("case when is_online_service then dossiers_online end") }} as ops_dossiers_online_count
    from services
    group by all
),

final as (
    {{ elements_of_totals("F02", [
        "procedures_count",
        "procedures_level4_count",
        "services_count",
        "services_level3_count",
        "services_level4_count",
        "services_partial_count",
        "services_full_process_count",
        "services_with_online_dossier_count",
        "services_level4_with_dossier_count",
        "ops_dossiers_received_count",
        "ops_dossiers_online_count",
    ] + in_columns) | indent(4) }}
)

select * from final
