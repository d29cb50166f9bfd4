from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from national_kpi.period_parts import all_parts, parts_of
from national_kpi.periods import NAMED_KINDS, named_period, parse_period

AS_OF = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("2022-Q3", ["2022-M07", "2022-M08", "2022-M09"]),
        ("2022-H2", ["2022-Q3", "2022-Q4"]),
        ("2022-Y", ["2022-H1", "2022-H2"]),
        ("2022-YG", ["2022-H1G", "2022-H2G"]),
        ("2022-01-01..2022-08-31", ["2022-H1", "2022-M07", "2022-M08"]),
        ("2021-12-15..2022-04-14", ["2022-Q1G", "2022-M04G"]),
        ("2021-01-01..2022-12-31", ["2021-Y", "2022-Y"]),
    ],
)
def test_a_period_is_made_from_the_fewest_shorter_ones(whole: str, parts: list[str]) -> None:
    assert [part.code for part in parts_of(parse_period(whole))] == parts


@pytest.mark.parametrize(
    "whole", ["2022-M08", "2022-01-01..2022-08-22", "2022-01-02..2022-03-31", "..2019-12-31"]
)
def test_what_months_cannot_make_has_no_parts(whole: str) -> None:
    assert parts_of(parse_period(whole)) == []


@given(st.sampled_from(NAMED_KINDS), st.integers(1901, 2199))
def test_parts_follow_on_each_other_from_the_first_day_to_the_last(kind: str, year: int) -> None:
    whole = named_period(kind, year)  # type: ignore[arg-type]
    if not kind.startswith("month"):
        day = whole.start
        for part in parts_of(whole):
            assert part.start == day
            day = part.end + timedelta(days=1)
        assert day == whole.end + timedelta(days=1)


def test_years_to_date_are_those_of_this_year_and_the_last() -> None:
    made = {
        part.whole.code for part in all_parts([parse_period("2025-M01"), parse_period("2026-M03")], AS_OF)
    }
    assert {"2025-01-01..2025-11-30", "2026-01-01..2026-10-31", "2025-Q1", "2025-Y", "2026-Q1"} <= made
    assert not any(code.endswith("G") or code.startswith("2024") for code in made)
    assert "2026-01-01..2026-11-30" not in made and "2026-Y" not in made, "they have not ended"


def test_a_window_that_is_asked_for_is_made() -> None:
    asked = parse_period("2026-02-01..2026-04-30")
    parts = all_parts([parse_period("2026-M03")], AS_OF, [asked])
    assert [part.part.code for part in parts if part.whole == asked] == ["2026-M02", "2026-M03", "2026-M04"]
    assert {part.step for part in parts if part.whole == asked} == {4}


def test_without_reports_nothing_is_made() -> None:
    assert all_parts([parse_period("..2019-12-31")], AS_OF) == []
