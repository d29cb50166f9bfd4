-- What this build changes of the publication before, and what that one and earlier ones changed.
with restatements as (
    select
        {{ restatement_columns() }}
    from {{ ref("int_restatement_causes") }}
    union all
    select
        {{ restatement_columns() }}
    from {{ ref("stg_archived_restatements") }}
),

agencies as (
    select * from {{ ref("int_agencies") }}
),

kpis as (
    select * from {{ ref("dim_kpi") }}
),

submissions as (
    select * from {{ ref("int_submissions") }}
),

named as (
    select
        restatements.*,
        agencies.agency_code,
        agencies.agency_name_vi,
        agencies.agency_kind,
        kpis.kpi_name_vi,
        kpis.unit,
        submissions.file_name,
        submissions.receipt_number,
        submissions.received_on,
        reporters.agency_name_vi as reporter_name_vi,
        (
            restatements.value_before is distinct from restatements.value_after
            or restatements.value_text_before_vi is distinct from restatements.value_text_after_vi
        ) as is_figure_changed,
        (
            restatements.numerator_before is distinct from restatements.numerator_after
            or restatements.denominator_before is distinct from restatements.denominator_after
        ) as is_fraction_changed,
        (restatements.status_before is distinct from restatements.status_after) as is_status_changed,
        (restatements.rank_before is distinct from restatements.rank_after) as is_rank_changed,
        case
            when restatements.submissions_count > 1 then restatements.submissions_count || ' tệp mới, gần nhất là tệp'
            else 'tệp'
        end as files_text
    from restatements
    left join agencies on restatements.agency_id = agencies.agency_id
    left join kpis on restatements.kpi_code = kpis.kpi_code
    left join submissions on restatements.submission_id = submissions.submission_id
    left join agencies as reporters on submissions.reported_by = reporters.agency_id
),

worded as (
    select
        *,
        {{ change_vi() | indent(8) }} as change_text,
        case cause
            when 'submission'
                then
                    'Do '
                    || files_text
                    || ' “'
                    || file_name
                    || '”'
                    || coalesce(' (biên nhận số ' || receipt_number || ')', '')
                    || ' của '
                    || reporter_name_vi
                    || ', nhận ngày '
                    || {{ vi_date("received_on") }}
            when 'catalogue' then 'Do danh mục dùng để tính thay đổi'
            when 'time'
                then
                    'Do ngày tính chuyển từ '
                    || {{ vi_date("previous_as_of") }}
                    || ' sang '
                    || {{ vi_date("as_of") }}
                    || ', số liệu báo cáo không thay đổi'
            when 'ranking' then 'Do số liệu của cơ quan khác trong cùng nhóm xếp hạng thay đổi'
            when 'method' then 'Do hệ thống thay đổi cách tính'
        end as reason_text
    from named
),

final as (
    select
        {{ surrogate_key(["previous_publication_id", "agency_id", "kpi_code", "period_code", "basis"]) }}
            as restatement_key,
        publication_id,
        previous_publication_id,
        as_of,
        previous_as_of,
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
        change_kind,
        {{ label_vi("change_kind", {
            "changed": "Thay đổi", "appeared": "Bổ sung số liệu", "withdrawn": "Rút số liệu",
        }) }} as change_kind_vi,
        is_figure_changed or is_fraction_changed as is_value_changed,
        is_status_changed,
        is_rank_changed,
        value_before,
        value_after,
        cast(value_after - value_before as decimal(28, 6)) as value_change,
        value_text_before_vi,
        value_text_after_vi,
        numerator_before,
        numerator_after,
        denominator_before,
        denominator_after,
        status_before,
        status_after,
        {{ status_vi("status_before") }} as status_before_vi,
        {{ status_vi("status_after") }} as status_after_vi,
        target_id_before,
        target_id_after,
        target_value_before,
        target_value_after,
        rank_before,
        rank_after,
        submission_id_before,
        submission_id_after,
        cause,
        {{ label_vi("cause", {
            "submission": "Số liệu nộp mới hoặc nộp lại",
            "catalogue": "Danh mục thay đổi",
            "time": "Ngày tính thay đổi",
            "ranking": "Cơ quan khác thay đổi",
            "method": "Cách tính thay đổi",
        }) }} as cause_kind_vi,
        submission_id,
        submissions_count,
        catalogue_change_vi,
        {{ sentence_vi("change_text") }} as change_vi,
        reason_text
        || case
            when catalogue_change_vi is null then '.'
            when cause = 'catalogue' then ': ' || catalogue_change_vi || '.'
            else '; đồng thời danh mục thay đổi: ' || catalogue_change_vi || '.'
        end as cause_vi
    from worded
)

select * from final
