-- Data elements that form F02 gives by counting its rows: services by level, and those with dossiers online.
-- "Chưa cung cấp" is a procedure, but not yet an online service.
with services as (
    select
        *,
        service_level <> 'chưa cung cấp' as is_service,
        service_level = 'mức 4' as is_level4,
        dossiers_online > 0 as has_online_dossier,
    from {{ ref("stg_services") }}
),

totals as (
    select
        {{ lake_envelope() }},
        min(sheet) as sheet,
        min(row_number) as row_number,
        count(*) as rows_count,
        count(*) as procedures_count,
        count(*) filter (where is_service) as services_count,
        count(*) filter (where is_level4) as services_level4_count,
        count(*) filter (where service_level = 'mức 3') as services_level3_count,
        count(*) filter (where service_level = 'toàn trình') as services_full_online_count,
        count(*) filter (where service_level = 'một phần') as services_partial_online_count,
        count(*) filter (where is_service and has_online_dossier) as services_with_online_dossier_count,
        count(*) filter (where is_level4 and has_online_dossier) as services_level4_with_dossier_count,
    from services
    group by all
),

final as (
    select
        {{ lake_envelope() }},
        'F02' as form_code,
        sheet,
        row_number,
        rows_count,
        element_code,
        cast(value as decimal(28, 6)) as value,
    from totals
    unpivot (
        value for element_code in (
            procedures_count,
            services_count,
            services_level4_count,
            services_level3_count,
            services_full_online_count,
            services_partial_online_count,
            services_with_online_dossier_count,
            services_level4_with_dossier_count
        )
    )
)

select * from final
