-- What was certified of each value, and what is known of it now. A value that nobody had reported by then is listed
-- once somebody has.
with certified_periods as (
    select * from {{ ref("stg_period_states") }}
    where certified_publication_id is not null
),

kpis as (
    select * from {{ ref("dim_kpi") }}
),

certified as (
    select certified_values.*
    from {{ ref("stg_certified_values") }} as certified_values
    inner join certified_periods
        on
            certified_values.period_code = certified_periods.period_code
            and certified_values.certified_publication_id = certified_periods.certified_publication_id
),

now_given as (
    select publication_values.*
    from {{ ref("int_publication_values") }} as publication_values
    inner join certified_periods on publication_values.period_code = certified_periods.period_code
),

compared as (
    select
        {{ before_and_after("certified", "now_given") | indent(4) }}
    from now_given
    full outer join certified
        on {{ same_value("certified", "now_given") | indent(8) }}
),

judged as (
    select
        *,
        {{ what_differs() | indent(4) }}
    from compared
),

final as (
    select
        judged.*,
        certified_periods.certified_publication_id,
        certified_periods.certified_on,
        kpis.unit,
        judged.is_value_changed or judged.is_status_changed or judged.is_rank_changed as is_restated
    from judged
    inner join certified_periods on judged.period_code = certified_periods.period_code
    left join kpis on judged.kpi_code = kpis.kpi_code
    where not judged.is_new or judged.has_value
)

select * from final
