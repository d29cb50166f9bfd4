from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from national_kpi.catalogue import load_catalogue
from national_kpi.catalogue.tables import ReportingObligation
from national_kpi.clock import HANOI
from national_kpi.deadlines import (
    DEADLINE_STATES_VI,
    Deadline,
    answered_by,
    deadline_of,
    deadline_state,
    is_bound,
    set_deadline,
)
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.periods import NAMED_KINDS, named_period, parse_period
from national_kpi.working_days import WorkingDays

CATALOGUE = load_catalogue(CATALOGUE_DIR)
WORKING_DAYS = WorkingDays(CATALOGUE.working_days)


def obligation(**fields) -> ReportingObligation:
    given = {
        "obligation_code": "F02-M", "form_code": "F02", "scope": ("kind:province", "kind:ministry"),
        "period_kind": "month", "valid_from": date(2025, 1, 1), "valid_to": None, "cutoff_days": 0,
        "due_working_days": 5, "close_working_days": 10, "legal_basis": "…", "verify_status": "unverified",
        "note": None,
    }  # fmt: skip
    return ReportingObligation(**given | fields)


MERGED = ["H28@0001-01-01", "H44@0001-01-01", "H44@2025-07-01", "H62@0001-01-01"]
SINCE_2025 = replace(CATALOGUE, reporting_obligations=(obligation(),))

OBLIGATIONS = st.builds(
    lambda kind, cutoff, due, more: obligation(
        period_kind=kind, cutoff_days=cutoff, due_working_days=due, close_working_days=due + more
    ),
    st.sampled_from(NAMED_KINDS),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 30),
)


@pytest.mark.parametrize(
    ("form", "agency_id", "period", "cutoff", "due", "closes"),
    [
        ("F02", "G01@0001-01-01", "2026-M01", "2026-01-31", "2026-02-06", "2026-02-13"),
        ("F02", "H12@2025-07-01", "2026-M08", "2026-08-31", "2026-09-09", "2026-09-16"),
        ("F03", "G01@0001-01-01", "2026-Q1G", "2026-03-14", "2026-03-20", "2026-03-27"),
        ("F06", "G06@2025-03-01", "2026-M12", "2026-12-31", "2027-01-06", "2027-01-13"),
    ],
)
def test_a_report_is_due_so_many_working_days_after_the_cutoff(form, agency_id, period, cutoff, due, closes):
    found = deadline_of(CATALOGUE, form, CATALOGUE.agency(agency_id), parse_period(period))
    assert found == Deadline(*(date.fromisoformat(day) for day in (cutoff, due, closes)))


@pytest.mark.parametrize(
    ("form", "agency_id", "period"),
    [
        ("F07", "G06@2025-03-01", "2026-M01"),  # what is published is not owed
        ("F08", "G01@0001-01-01", "2026-M01"),
        ("F02", "G01@0001-01-01", "2025-M12"),  # before reporting began
        ("F02", "G01@0001-01-01", "2026-Q1"),  # another kind of period
        ("F02", "G01@0001-01-01", "2026-01-02..2026-01-30"),
        ("F02", "G01@0001-01-01", "..2026-01-31"),
        ("F02", "VN@0001-01-01", "2026-M01"),  # sends no files
        ("F02", "G11.X-BCYCP@0001-01-01", "2026-M01"),  # a unit reports through its ministry
        ("F02", "G04@0001-01-01", "2026-M01"),  # has ended
    ],
)
def test_nothing_is_due_where_nothing_is_owed(form, agency_id, period):
    assert deadline_of(CATALOGUE, form, CATALOGUE.agency(agency_id), parse_period(period)) is None


def test_every_form_but_publications_and_records_is_owed_by_every_reporting_agency():
    period = {"month": parse_period("2026-M10"), "quarter_gov": parse_period("2026-Q4G")}
    owing = {
        (row.form_code, agency.agency_id)
        for row in CATALOGUE.reporting_obligations
        for agency in CATALOGUE.agencies
        if is_bound(row, agency, period[row.period_kind])
    }
    assert {form for form, _ in owing} == {"F01", "F02", "F03", "F04", "F05", "F06"}
    assert len(owing) == 6 * (14 + 3 + 8 + 34)


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-01-31T23:59:59+07:00", "early"),
        ("2026-01-31T16:59:59+00:00", "early"),
        ("2026-01-31T17:00:00+00:00", "on_time"),  # midnight in Hanoi
        ("2026-02-06T23:59:59+07:00", "on_time"),
        ("2026-02-07T00:00:00+07:00", "late"),
        ("2026-02-13T16:59:59+00:00", "late"),
        ("2026-02-13T17:00:00+00:00", "after_close"),
    ],
)
def test_days_end_at_midnight_in_hanoi(moment, state):
    deadline = Deadline(date(2026, 1, 31), date(2026, 2, 6), date(2026, 2, 13))
    assert deadline_state(deadline, datetime.fromisoformat(moment)) == state
    assert DEADLINE_STATES_VI[state]


@pytest.mark.parametrize(
    ("reporter", "period", "whose"),
    [
        # Vĩnh Phúc and Hòa Bình joined Phú Thọ on 1 July 2025, in the middle of this government month.
        ("H44@2025-07-01", "2025-M07G", MERGED),
        # The report for June comes in July, under the new name.
        ("H44@2025-07-01", "2025-M06", MERGED),
        ("H44@2025-07-01", "2025-M07", ["H44@2025-07-01"]),
        ("H44@0001-01-01", "2025-M06", ["H44@0001-01-01"]),
        ("G01@0001-01-01", "2025-M06", ["G01@0001-01-01"]),
    ],
)
def test_who_takes_over_after_a_period_began_answers_for_it(reporter, period, whose):
    found = answered_by(CATALOGUE, reporter, parse_period(period))
    assert found[0] == reporter
    assert sorted(found) == whose


def test_an_agency_born_within_a_period_has_the_deadline_of_those_it_absorbed():
    period = named_period("month", 2025, 6)
    new, old = CATALOGUE.agency("H44@2025-07-01"), CATALOGUE.agency("H44@0001-01-01")
    assert not is_bound(SINCE_2025.reporting_obligations[0], new, period)
    found = deadline_of(SINCE_2025, "F02", new, period)
    assert found is not None
    assert found == deadline_of(SINCE_2025, "F02", old, period)


@given(OBLIGATIONS, st.integers(2020, 2060))
def test_due_and_close_are_working_days_in_order_and_never_before_the_cutoff(rule, year):
    deadline = set_deadline(rule, named_period(rule.period_kind, year), WORKING_DAYS)
    assert WORKING_DAYS.is_working(deadline.due_on)
    assert WORKING_DAYS.is_working(deadline.closes_on)
    assert named_period(rule.period_kind, year).end <= deadline.cutoff_on
    assert deadline.cutoff_on <= deadline.due_on <= deadline.closes_on


@given(OBLIGATIONS, st.integers(2020, 2060))
def test_a_later_period_is_never_due_earlier(rule, year):
    earlier = set_deadline(rule, named_period(rule.period_kind, year), WORKING_DAYS)
    later = set_deadline(rule, named_period(rule.period_kind, year + 1), WORKING_DAYS)
    assert earlier.due_on < later.due_on
    assert earlier.closes_on < later.closes_on


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 4, 1)), st.timedeltas(timedelta(0), timedelta(days=60))
)
def test_the_state_of_a_later_file_is_never_better(moment, delay):
    order = list(DEADLINE_STATES_VI)
    deadline = Deadline(date(2026, 1, 31), date(2026, 2, 6), date(2026, 2, 13))
    first = deadline_state(deadline, moment.replace(tzinfo=UTC))
    second = deadline_state(deadline, (moment + delay).replace(tzinfo=UTC))
    assert order.index(first) <= order.index(second)


@given(st.dates(date(2026, 1, 1), date(2026, 4, 1)), st.times())
def test_every_moment_of_a_day_has_the_same_state(day, moment):
    deadline = Deadline(date(2026, 1, 31), date(2026, 2, 6), date(2026, 2, 13))
    at = deadline_state(deadline, datetime.combine(day, moment, HANOI))
    assert at == deadline_state(deadline, datetime.combine(day, time.min, HANOI))
