from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from national_kpi.catalogue import load_catalogue
from national_kpi.catalogue.tables import WorkingDay
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.working_days import WorkingDays, is_public_holiday, is_weekend

MOVED = load_catalogue(CATALOGUE_DIR).working_days
WORKING_DAYS = WorkingDays(MOVED)
DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))
COUNTS = st.integers(0, 40)


def days_off(first: str, last: str) -> list[str]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    return [day.isoformat() for day in days if not is_weekend(day) and not WORKING_DAYS.is_working(day)]


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2024, ["01-01", "02-08", "02-09", "02-12", "02-13", "02-14", "04-18", "04-29", "04-30", "05-01",
                "09-02", "09-03"]),
        (2025, ["01-01", "01-27", "01-28", "01-29", "01-30", "01-31", "04-07", "04-30", "05-01", "05-02",
                "09-01", "09-02"]),
        (2026, ["01-01", "01-02", "02-16", "02-17", "02-18", "02-19", "02-20", "04-27", "04-30", "05-01",
                "08-31", "09-01", "09-02", "11-24"]),
    ],
)  # fmt: skip
def test_the_weekdays_off_are_those_decided(year, days):
    assert days_off(f"{year}-01-01", f"{year}-12-31") == [f"{year}-{day}" for day in days]


@pytest.mark.parametrize("day", ["2024-05-04", "2025-04-26", "2026-01-10", "2026-08-22"])
def test_saturdays_worked_in_lieu_are_working_days(day):
    assert is_weekend(date.fromisoformat(day))
    assert WORKING_DAYS.is_working(date.fromisoformat(day))


def test_every_moved_day_off_has_a_day_worked_for_it():
    assert sum(row.is_working for row in MOVED) == sum(not row.is_working for row in MOVED)


def test_a_row_of_the_catalogue_decides_against_the_library():
    day = date(2027, 4, 30)
    row = WorkingDay(
        day=day, is_working=True, name_vi="Làm việc", legal_basis="…", verify_status="unverified", note=None
    )
    assert is_public_holiday(day)
    assert not WorkingDays([]).is_working(day)
    assert WorkingDays([row]).is_working(day)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-02-13", 1, "2026-02-23"),  # over Tết, nine days in a row
        ("2026-04-24", 1, "2026-04-28"),  # the Hùng Kings' day fell on a Sunday
        ("2026-08-21", 1, "2026-08-22"),  # a Saturday worked in lieu
        ("2026-08-28", 1, "2026-09-03"),
        ("2026-01-31", 0, "2026-02-02"),
        ("2026-02-02", 0, "2026-02-02"),
        ("2026-02-02", 5, "2026-02-09"),
    ],
)
def test_working_days_are_counted_over_holidays(day, count, expected):
    assert WORKING_DAYS.after(date.fromisoformat(day), count) == date.fromisoformat(expected)


@given(DAYS, COUNTS)
def test_the_day_found_is_worked_and_just_so_many_working_days_later(day, count):
    found = WORKING_DAYS.after(day, count)
    assert WORKING_DAYS.is_working(found)
    between = [day + timedelta(days=n) for n in range(1, (found - day).days + 1)]
    worked = sum(WORKING_DAYS.is_working(one) for one in between)
    assert worked == count or (count == 0 and not WORKING_DAYS.is_working(day) and worked == 1)


@given(DAYS, DAYS, COUNTS, COUNTS)
def test_a_later_day_or_a_larger_count_never_gives_an_earlier_day(one, other, few, many):
    first, last = min(one, other), max(one, other)
    less, more = min(few, many), max(few, many)
    assert WORKING_DAYS.after(first, less) <= WORKING_DAYS.after(last, more)
