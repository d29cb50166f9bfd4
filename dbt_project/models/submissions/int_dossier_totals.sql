-- Data elements that form F08 gives by counting its dossiers as they stood on the period's last day: one returned
-- later was pending then, and one received before the period was carried into it.
with dossiers as (
    select
        *,
        received_on >= coalesce(period_start, received_on) and received_on <= period_end as is_received,
        received_on < period_start and coalesce(returned_on >= period_start, true) as is_carried,
        state = 'đã giải quyết'
        and coalesce(returned_on between coalesce(period_start, returned_on) and period_end, true) as is_resolved,
        state = 'đang giải quyết' or coalesce(returned_on > period_end, false) as is_pending
    from {{ ref("stg_dossiers") }}
),

totals as (
    select
        {{ lake_envelope() }},
        min(sheet) as sheet,
        min(row_number) as row_number,
        count(*) as rows_count,
        {{ count_rows("is_received") }} as dossiers_received_count,
        {{ count_rows("is_received and channel = 'trực tuyến'") }} as dossiers_online_count,
        {{ count_rows("is_received and channel = 'bưu chính công ích'") }} as dossiers_postal_count,
        {{ count_rows("is_received and channel <> 'trực tuyến'") }} as dossiers_direct_postal_count,
        {{ count_rows("is_carried") }} as dossiers_carried_count,
        {{ count_rows("is_received or is_carried") }} as dossiers_handled_count,
        {{ count_rows("is_resolved") }} as dossiers_resolved_count,
        {{ count_rows("is_resolved and returned_on > due_on") }} as dossiers_resolved_late_count,
        {{ count_rows("is_pending") }} as dossiers_pending_count,
        {{ count_rows("is_pending and due_on < period_end") }} as dossiers_pending_late_count
    from dossiers
    group by all
),

final as (
    {{ elements_of_totals("F08", [
        "dossiers_received_count",
        "dossiers_online_count",
        "dossiers_postal_count",
        "dossiers_direct_postal_count",
        "dossiers_carried_count",
        "dossiers_handled_count",
        "dossiers_resolved_count",
        "dossiers_resolved_late_count",
        "dossiers_pending_count",
        "dossiers_pending_late_count",
    ]) | indent(4) }}
)

select * from final
