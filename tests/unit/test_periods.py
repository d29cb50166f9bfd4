from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from national_kpi.errors import PeriodError
from national_kpi.periods import (
    NAMED_KINDS,
    Period,
    name_vi,
    named_period,
    named_periods,
    parse_period,
    period_of,
    previous_period,
)

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
PER_YEAR = {"month": 12, "quarter": 4, "half": 2, "year": 1}


def every(kind: str, year: int) -> list[Period]:
    return [named_period(kind, year, n + 1) for n in range(PER_YEAR[kind.removesuffix("_gov")])]


@pytest.mark.parametrize(
    ("code", "kind", "start", "end", "name"),
    [
        ("2022-M08", "month", "2022-08-01", "2022-08-31", "Tháng 8/2022"),
        ("2024-M02", "month", "2024-02-01", "2024-02-29", "Tháng 2/2024"),
        ("2022-Q3", "quarter", "2022-07-01", "2022-09-30", "Quý III/2022"),
        ("2022-Q4", "quarter", "2022-10-01", "2022-12-31", "Quý IV/2022"),
        ("2020-H1", "half", "2020-01-01", "2020-06-30", "6 tháng đầu năm 2020"),
        ("2022-Y", "year", "2022-01-01", "2022-12-31", "Năm 2022"),
        (
            "2022-M01G", "month_gov", "2021-12-15", "2022-01-14",
            "Tháng 1/2022 (từ 15/12/2021 đến 14/01/2022)",
        ),
        (
            "2022-M08G", "month_gov", "2022-07-15", "2022-08-14",
            "Tháng 8/2022 (từ 15/07/2022 đến 14/08/2022)",
        ),
        (
            "2022-Q1G", "quarter_gov", "2021-12-15", "2022-03-14",
            "Quý I/2022 (từ 15/12/2021 đến 14/03/2022)",
        ),
        (
            "2022-H1G", "half_gov", "2021-12-15", "2022-06-14",
            "6 tháng đầu năm 2022 (từ 15/12/2021 đến 14/06/2022)",
        ),
        (
            "2022-H2G", "half_gov", "2022-06-15", "2022-12-14",
            "6 tháng cuối năm 2022 (từ 15/06/2022 đến 14/12/2022)",
        ),
        ("2022-YG", "year_gov", "2021-12-15", "2022-12-14", "Năm 2022 (từ 15/12/2021 đến 14/12/2022)"),
        (
            "2022-01-01..2022-08-22", "window", "2022-01-01", "2022-08-22",
            "Từ 01/01/2022 đến 22/08/2022",
        ),
        ("2019-07-29..2019-07-29", "window", "2019-07-29", "2019-07-29", "Ngày 29/07/2019"),
        ("..2019-12-31", "stock", None, "2019-12-31", "Đến 31/12/2019"),
    ],
)  # fmt: skip
def test_a_code_means_these_days_and_is_read_like_this(code, kind, start, end, name):
    period = parse_period(code)
    assert period == Period(code, date.fromisoformat(start) if start else None, date.fromisoformat(end))
    assert period.kind == kind
    assert name_vi(period) == name


def test_an_undated_value_is_told_from_a_stock():
    undated = period_of(None, date(2022, 9, 8), known=False)
    assert (undated.code, undated.kind, undated.known) == ("..2022-09-08", "stock", False)
    assert name_vi(undated) == "Chưa rõ kỳ, công bố ngày 08/09/2022"


def test_a_window_equal_to_a_named_period_takes_its_code():
    assert period_of(date(2022, 1, 1), date(2022, 12, 31)).code == "2022-Y"
    assert parse_period("2020-01-01..2020-06-30").code == "2020-H1"
    assert parse_period("2022-07-15..2022-08-14").code == "2022-M08G"


@pytest.mark.parametrize(
    "code",
    ["", "2022", "2022-M8", "2022-M13", "2022-M00", "2022-Q5", "2022-Q03", "2022-H3", "2022-Y1", "2022-M08g",
     "2022-02-30..2022-03-01", "2022-08-22..2022-01-01", "2022-01-01..", "..", "..2022-13-01", "0000-Y",
     "0001-YG", " 2022-Y", "2022-Y\n", "٢٠٢٢-Y"],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_advice(code):
    with pytest.raises(PeriodError) as caught:
        parse_period(code)
    assert caught.value.remedy


@given(DAYS, DAYS)
def test_every_window_survives_its_code(first, second):
    period = period_of(min(first, second), max(first, second))
    assert parse_period(period.code) == period


@given(DAYS)
def test_every_stock_survives_its_code(day):
    assert parse_period(period_of(None, day).code) == period_of(None, day)


@given(st.sampled_from(NAMED_KINDS), st.integers(1900, 2199))
def test_named_periods_of_one_kind_follow_each_other_without_gap_or_overlap(kind, year):
    periods = [*every(kind, year), every(kind, year + 1)[0]]
    for earlier, later in pairwise(periods):
        assert later.start == earlier.end + timedelta(days=1)


@given(st.sampled_from(NAMED_KINDS), st.integers(1900, 2199))
def test_named_periods_have_one_code_and_keep_their_kind(kind, year):
    for period in every(kind, year):
        assert parse_period(period.code) == period
        assert period_of(period.start, period.end) == period
        assert period.kind == kind


@given(st.integers(1900, 2199), st.integers(1, 12))
def test_a_government_month_runs_from_the_15th_to_the_14th(year, month):
    period = named_period("month_gov", year, month)
    assert (period.start.day, period.end) == (15, date(year, month, 14))
    assert 28 <= (period.end - period.start).days + 1 <= 31


@given(DAYS)
def test_every_day_is_in_exactly_one_month_of_each_sort(day):
    for kind in ("month", "month_gov"):
        near = [*every(kind, day.year - 1), *every(kind, day.year), *every(kind, day.year + 1)]
        assert sum(period.start <= day <= period.end for period in near) == 1


@pytest.mark.parametrize(
    ("kind", "first", "last", "codes"),
    [
        ("month", "2026-01-01", "2026-03-31", ["2026-M01", "2026-M02", "2026-M03"]),
        ("month", "2026-01-02", "2026-01-31", []),
        ("quarter_gov", "2025-12-15", "2026-06-14", ["2026-Q1G", "2026-Q2G"]),
        ("year_gov", "2025-12-15", "2025-12-15", ["2026-YG"]),
        ("half", "2026-07-01", "2027-01-01", ["2026-H2", "2027-H1"]),
    ],
)
def test_periods_that_begin_between_two_days(kind, first, last, codes):
    found = named_periods(kind, date.fromisoformat(first), date.fromisoformat(last))
    assert [period.code for period in found] == codes


@pytest.mark.parametrize(
    ("code", "before"),
    [
        ("2022-M08", "2022-M07"), ("2022-M01", "2021-M12"), ("2022-M01G", "2021-M12G"),
        ("2022-Q1", "2021-Q4"), ("2022-Q3G", "2022-Q2G"), ("2022-H1", "2021-H2"),
        ("2022-H2G", "2022-H1G"), ("2022-Y", "2021-Y"), ("2022-YG", "2021-YG"),
        ("2022-01-01..2022-08-22", None), ("..2019-12-31", None),
    ],
)  # fmt: skip
def test_before_a_named_period_comes_one_of_its_kind(code: str, before: str | None) -> None:
    previous = previous_period(parse_period(code))
    assert (previous and previous.code) == before
    if previous and previous.end and (start := parse_period(code).start):
        assert previous.end + timedelta(days=1) == start
