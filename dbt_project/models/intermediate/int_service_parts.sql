-- Which monthly and quarterly files of form F02 the longer periods of a year are counted from: the current ones, and a
-- quarter's file only where one of its months has none. What is counted depends on nothing but this set of files,
-- which `submission_set` names.
with submissions as (
    select
        submission_id,
        reported_by,
        period_code,
        {{ first_month("period_code") }} as first_month_on,
        {{ months("period_code") }} as months_count
    from {{ ref("int_submissions") }}
    where is_current and form_code = 'F02' and substr(period_code, 5, 2) in ('-M', '-Q')
),

parts as (
    select
        submission_id,
        reported_by as agency_id,
        months_count,
        period_code like '%G' as is_government,
        year(first_month_on) as period_year,
        quarter(first_month_on) as quarter_number,
        month(first_month_on) as first_month,
        month(first_month_on) + months_count - 1 as last_month
    from submissions
),

monthly as (
    select
        agency_id,
        is_government,
        period_year,
        quarter_number,
        count(*) as files_count
    from parts
    where months_count = 1
    group by all
),

used as (
    select
        parts.*,
        (1 << parts.last_month) - (1 << (parts.first_month - 1)) as months_mask,
        row_number() over (
            partition by parts.agency_id, parts.is_government, parts.period_year, parts.last_month
            order by parts.months_count asc
        ) = 1 as tells_state
    from parts
    left join monthly
        on
            parts.agency_id = monthly.agency_id
            and parts.is_government = monthly.is_government
            and parts.period_year = monthly.period_year
            and parts.quarter_number = monthly.quarter_number
    where parts.months_count = 1 or coalesce(monthly.files_count, 0) < 3
),

sets as (
    select
        agency_id,
        is_government,
        period_year,
        md5({{ joined_texts("submission_id", "|", "last_month asc, months_count asc") }}) as submission_set
    from used
    group by all
),

final as (
    select
        sets.submission_set,
        used.agency_id,
        used.is_government,
        used.period_year,
        used.submission_id,
        used.last_month,
        used.months_mask,
        used.tells_state
    from used
    inner join sets
        on
            used.agency_id = sets.agency_id
            and used.is_government = sets.is_government
            and used.period_year = sets.period_year
)

select * from final
