{#- What sort of period a code names, as `national_kpi.periods.Period.kind` does. -#}
{% macro period_type(code) -%}
    case
        when {{ code }} like '..%' then 'stock'
        when {{ code }} like '%..%' then 'window'
        else
            case substr({{ code }}, 6, 1)
                when 'M' then 'month'
                when 'Q' then 'quarter'
                when 'H' then 'half'
                when 'Y' then 'year'
            end
            || case when {{ code }} like '%G' then '_gov' else '' end
    end
{%- endmacro %}


{#- First day of a period code; null for a stock. A government window begins on the 15th of the month before. -#}
{% macro period_start(code) -%}
    case
        when {{ code }} like '%..%' then try_cast(split_part({{ code }}, '..', 1) as date)
        when {{ code }} like '%G'
            then cast({{ first_month(code) }} - interval 1 month + interval 14 day as date)
        else {{ first_month(code) }}
    end
{%- endmacro %}


{#- Last day of a period code. A government window ends on the 14th of its last month. -#}
{% macro period_end(code) -%}
    case
        when {{ code }} like '%..%' then cast(split_part({{ code }}, '..', 2) as date)
        when {{ code }} like '%G'
            then cast({{ months_later(first_month(code), months(code) ~ " - 1") }} + interval 13 day as date)
        else cast({{ months_later(first_month(code), months(code)) }} - interval 1 day as date)
    end
{%- endmacro %}


{#- The same day of the year before; the last day of a month stays the last. -#}
{% macro a_year_before(day) -%}
    case
        when {{ day }} = last_day({{ day }}) then last_day(cast({{ day }} - interval 1 year as date))
        else cast({{ day }} - interval 1 year as date)
    end
{%- endmacro %}


{#- Which values a value may be compared with over time: those of periods of its kind, of the year so far with the
    year so far. A count grows with its period, so that counts of windows are comparable only from one first day. -#}
{% macro period_family(code, start, is_rate) -%}
    case
        when {{ code }} like '..%' then 'stock'
        when {{ code }} not like '%..%' then {{ period_type(code) }}
        else coalesce({{ running_family(start, is_rate) }}, 'window')
    end
{%- endmacro %}


{#- The values of the year so far, or counts from one day, that a period is among whatever its kind. -#}
{% macro running_family(start, is_rate) -%}
    case
        when not {{ is_rate }} then 'from ' || cast({{ start }} as {{ dbt.type_string() }})
        when {{ month_and_day(start) }} = '01-01' then 'year_to_date'
        when {{ month_and_day(start) }} = '12-15' then 'year_to_date_gov'
    end
{%- endmacro %}


{% macro months(code) -%}
    case substr({{ code }}, 6, 1) when 'M' then 1 when 'Q' then 3 when 'H' then 6 when 'Y' then 12 end
{%- endmacro %}


{% macro period_number(code) -%}
    coalesce(try_cast(regexp_extract({{ code }}, '-[MQH]([0-9]+)', 1) as integer), 1)
{%- endmacro %}


{% macro first_month(code) -%}
    make_date(
        cast(substr({{ code }}, 1, 4) as integer), ({{ period_number(code) }} - 1) * {{ months(code) }} + 1, 1
    )
{%- endmacro %}


{#- A period named by its code alone; only a code that a source stated can be read so. -#}
{% macro period_words_vi(code) -%}
    {{ period_name_vi(code, period_start(code), period_end(code), "true") }}
{%- endmacro %}


{#- A period as people read it, as `national_kpi.periods.name_vi` does. -#}
{% macro period_name_vi(code, start, end, known) -%}
    case
        when not {{ known }} then 'Chưa rõ kỳ, công bố ngày ' || {{ vi_date(end) }}
        when {{ start }} is null then 'Đến ' || {{ vi_date(end) }}
        when {{ start }} = {{ end }} then 'Ngày ' || {{ vi_date(end) }}
        when {{ code }} like '%..%' then 'Từ ' || {{ vi_date(start) }} || ' đến ' || {{ vi_date(end) }}
        else
            case substr({{ code }}, 6, 1)
                when 'M' then 'Tháng ' || {{ period_number(code) }} || '/'
                when 'Q' then 'Quý ' || split_part('I II III IV', ' ', {{ period_number(code) }}) || '/'
                when 'H'
                    then case {{ period_number(code) }} when 1 then '6 tháng đầu năm ' else '6 tháng cuối năm ' end
                when 'Y' then 'Năm '
            end
            || substr({{ code }}, 1, 4)
            || case
                when {{ code }} like '%G'
                    then ' (từ ' || {{ vi_date(start) }} || ' đến ' || {{ vi_date(end) }} || ')'
                else ''
            end
    end
{%- endmacro %}
