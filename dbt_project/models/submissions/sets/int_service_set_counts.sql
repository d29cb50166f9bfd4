-- What form F02 gives over several months: of the services in operation in the last month, those with a dossier in
-- any of them. Months are bits of a mask, so that a service with dossiers in two months counts once.
{%- set spans, parts = ref("int_service_spans"), ref("int_service_parts") %}
{%- set counted = " except select submission_set from " ~ this if is_incremental() else "" %}
{%- set sets_to_count = "select submission_set from " ~ spans ~ counted %}
{%- set files_of_sets = "select submission_id from " ~ parts ~ " where submission_set in (" ~ sets_to_count ~ ")" %}
{#- Where dbt only compiles, there is no table yet that names files. #}
{%- set submissions_to_read = files_of_sets if load_relation(parts) else "null" %}
with parts as (
    select
        *,
        1 << (last_month - 1) as month_bit
    from {{ parts }}
    where submission_set in ({{ sets_to_count }})
),

spans as (
    select distinct
        submission_set,
        first_month,
        last_month,
        span_mask,
        1 << (last_month - 1) as last_bit
    from {{ spans }}
),

services as (
    select
        submission_id,
        procedure_code,
        {{ is_online_service("service_level") }} as is_online_service,
        service_level = 'mức 4' as is_level4,
        dossiers_total > 0 as has_dossier,
        dossiers_online > 0 as has_online_dossier
    from {{ lake("F02", submissions_to_read) }}
),

masks as (
    select
        parts.submission_set,
        services.procedure_code,
        bit_or(case when parts.tells_state then parts.month_bit else 0 end) as listed_mask,
        bit_or(case when parts.tells_state and services.is_online_service then parts.month_bit else 0 end)
            as online_mask,
        bit_or(case when parts.tells_state and services.is_level4 then parts.month_bit else 0 end) as level4_mask,
        bit_or(case when services.has_dossier then parts.month_bit else 0 end) as with_dossier_mask,
        bit_or(case when services.has_online_dossier then parts.month_bit else 0 end) as with_online_dossier_mask
    from services
    inner join parts on services.submission_id = parts.submission_id
    group by all
),

totals as (
    select
        masks.submission_set,
        spans.first_month,
        spans.last_month,
        {{ count_rows("(masks.online_mask & spans.last_bit) > 0") }} as services_count,
        {{ count_rows("(masks.level4_mask & spans.last_bit) > 0") }} as services_level4_count,
        {{ count_rows(
            "(masks.online_mask & spans.last_bit) > 0 and (masks.with_online_dossier_mask & spans.span_mask) > 0"
        ) }} as services_with_online_dossier_count,
        {{ count_rows(
            "(masks.level4_mask & spans.last_bit) > 0 and (masks.with_dossier_mask & spans.span_mask) > 0"
        ) }} as services_level4_with_dossier_count
    from masks
    inner join spans on masks.submission_set = spans.submission_set
    group by all
    -- A last month of which nothing occurred lists no services, so that none can be said to be in operation.
    having bool_or((masks.listed_mask & spans.last_bit) > 0)
),

final as (
    select
        submission_set,
        first_month,
        last_month,
        element_code,
        value
    from totals
    unpivot (
        value for element_code in (
            services_count,
            services_level4_count,
            services_with_online_dossier_count,
            services_level4_with_dossier_count
        )
    )
)

select * from final
