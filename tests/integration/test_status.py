"""What became of reports owed, as `kpi status` tells it."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.cycle.extensions import extend
from national_kpi.cycle.obligations import open_periods
from national_kpi.cycle.status import STATES_VI, ObligationStatus, read_status, summarise
from national_kpi.errors import CycleError
from national_kpi.ledger.models import Submission
from national_kpi.ledger.session import migrate, one_at_a_time, open_ledger
from tests.integration.building import kpi

AGENCIES = 14 + 3 + 8 + 34


def at(day: str, time: str = "08:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=HANOI)


Send = Callable[..., None]


@pytest.fixture
def send(ledger: Engine, catalogue: Catalogue) -> Send:
    """Puts a decided submission into the ledger, in a year whose periods are opened."""
    with one_at_a_time(ledger) as session:
        open_periods(session, catalogue, at("2026-12-31"))
    sent = iter(range(1000))

    def put(received_at: datetime, agency_id: str = "G15@0001-01-01", **fields: Any) -> None:
        number = next(sent)
        given = {
            "submission_id": f"s{number:03}", "agency_code": agency_id[:3], "file_name": "f06.csv",
            "sha256": "0" * 64, "size_bytes": 1, "received_at": received_at, "origin": "drop",
            "state": "decided", "outcome": "accepted", "form_code": "F06", "period_code": "2026-M10",
            "reported_by": agency_id, "decision_number": number,
        }  # fmt: skip
        with Session(ledger) as session, session.begin():
            session.add(Submission(**given | fields))

    return put


@pytest.fixture
def look(ledger: Engine, catalogue: Catalogue) -> Callable[..., list[ObligationStatus]]:
    def read(now: datetime, *, given: Catalogue | None = None, **only: str) -> list[ObligationStatus]:
        with Session(ledger) as session:
            return read_status(session, given or catalogue, now, **only)

    return read


def only(statuses: list[ObligationStatus]) -> ObligationStatus:
    (status,) = statuses
    assert status.state_text == STATES_VI[status.state]
    return status


JUSTICE = {"form_code": "F06", "agency_code": "G15", "period_code": "2026-M10"}
"""Its cut-off is 31 October, it is due on 4 November and closes on 11 November."""


def test_a_report_not_sent_is_expected_until_its_due_day_has_passed_then_missing(
    send: Send, look: Any
) -> None:
    before = only(look(at("2026-11-04", "23:59"), **JUSTICE))
    assert (before.state, before.days_late, before.is_received) == ("expected", 0, False)
    after = only(look(at("2026-11-05", "00:00"), **JUSTICE))
    assert (after.state, after.days_late) == ("missing", 1)
    assert only(look(at("2026-12-04"), **JUSTICE)).days_late == 30


@pytest.mark.parametrize(
    ("received_at", "now", "state", "deadline_state", "days_late"),
    [
        (at("2026-10-20"), at("2026-10-31", "23:59"), "received", "early", 0),
        (at("2026-10-20"), at("2026-11-01", "00:00"), "on_time", "early", 0),
        (at("2026-11-04", "23:59"), at("2026-11-20"), "on_time", "on_time", 0),
        (at("2026-11-05", "00:00"), at("2026-11-20"), "late", "late", 1),
        (at("2026-11-12", "00:00"), at("2026-11-20"), "late", "after_close", 8),
    ],
)
def test_an_accepted_report_is_received_on_time_or_late(
    send: Send,
    look: Any,
    received_at: datetime,
    now: datetime,
    state: str,
    deadline_state: str,
    days_late: int,
) -> None:
    send(received_at, revision=1)
    status = only(look(now, **JUSTICE))
    assert (status.state, status.deadline_state, status.days_late) == (state, deadline_state, days_late)
    assert (status.is_received, status.received_at, status.submission_id) == (True, received_at, "s000")


def test_the_first_accepted_report_tells_whether_it_was_in_time_the_last_one_stands(
    send: Send, look: Any
) -> None:
    send(at("2026-11-02"), revision=1)
    send(at("2026-11-03"), outcome="duplicate")
    send(at("2026-11-20"), revision=2)
    send(at("2026-11-21"), outcome="rejected")
    status = only(look(at("2026-11-22"), **JUSTICE))
    assert (status.state, status.received_at, status.days_late) == ("on_time", at("2026-11-02"), 0)
    assert (status.submission_id, status.revision) == ("s002", 2)


def test_a_refused_file_does_not_meet_the_obligation(send: Send, look: Any) -> None:
    send(at("2026-11-02"), outcome="rejected")
    send(at("2026-11-03"), outcome="rejected")
    status = only(look(at("2026-11-04"), **JUSTICE))
    assert (status.state, status.is_received, status.submission_id) == ("rejected", False, "s001")
    assert only(look(at("2026-11-09"), **JUSTICE)).days_late == 5
    send(at("2026-11-10"), revision=1)
    assert only(look(at("2026-11-10"), **JUSTICE)).state == "late"


@pytest.mark.parametrize(
    ("received_at", "deadline_state"), [(at("2026-11-02"), "on_time"), (at("2026-11-06"), "late")]
)
def test_a_nil_return_counts_as_received(
    send: Send, look: Any, received_at: datetime, deadline_state: str
) -> None:
    send(received_at, revision=1, is_nil=True)
    status = only(look(at("2026-11-10"), **JUSTICE))
    assert (status.state, status.is_received, status.deadline_state) == ("nil", True, deadline_state)
    (counts,) = summarise([status])
    assert (counts["received"], counts["nil"], counts["missing"]) == (1, 1, 0)
    send(at("2026-11-09"), revision=2)
    assert only(look(at("2026-11-10"), **JUSTICE)).state in ("on_time", "late")


def test_a_refused_nil_return_is_refused(send: Send, look: Any) -> None:
    send(at("2026-11-02"), outcome="rejected", is_nil=True)
    assert only(look(at("2026-11-10"), **JUSTICE)).state == "rejected"


def test_what_came_later_than_the_moment_looked_from_is_not_known(send: Send, look: Any) -> None:
    send(at("2026-11-10"), revision=1)
    assert only(look(at("2026-11-09"), **JUSTICE)).state == "missing"


def test_files_for_other_agencies_forms_and_periods_count_for_nothing(send: Send, look: Any) -> None:
    send(at("2026-11-02"), "G01@0001-01-01", revision=1)
    send(at("2026-11-02"), revision=1, period_code="2026-M09")
    send(at("2026-11-02"), revision=1, form_code="F04")
    send(at("2026-11-02"), outcome="quarantined", form_code=None, period_code=None, reported_by=None)
    send(at("2026-11-02"), state="received", outcome=None)
    assert only(look(at("2026-11-03"), **JUSTICE)).state == "expected"


def test_a_report_of_the_successor_meets_the_obligations_of_all_it_absorbed(
    ledger: Engine, catalogue: Catalogue, look: Any, send: Send
) -> None:
    (monthly,) = (row for row in catalogue.reporting_obligations if row.obligation_code == "F06-M")
    since = monthly.model_copy(update={"period_kind": "month_gov", "valid_from": date(2025, 5, 15)})
    then = replace(catalogue, reporting_obligations=(since,))
    with one_at_a_time(ledger) as session:
        open_periods(session, then, at("2025-07-20"))
    send(at("2025-07-16"), "H44@2025-07-01", period_code="2025-M07G", revision=1)
    send(at("2025-06-16"), "H44@0001-01-01", period_code="2025-M06G", revision=1)
    straddling = look(at("2025-07-31"), form_code="F06", period_code="2025-M07G")
    received = {one.agency_id: one.reported_by for one in straddling if one.is_received}
    assert received == dict.fromkeys(("H28@0001-01-01", "H44@0001-01-01", "H62@0001-01-01"), "H44@2025-07-01")
    earlier = look(at("2025-07-31"), form_code="F06", period_code="2025-M06G")
    assert [one.agency_id for one in earlier if one.is_received] == ["H44@0001-01-01"]
    later = look(at("2025-07-31"), form_code="F06", period_code="2025-M08G")
    assert "H44@2025-07-01" in {one.agency_id for one in later}
    assert "H28@0001-01-01" not in {one.agency_id for one in later}


def test_the_counts_add_up_and_no_rate_passes_100(send: Send, look: Any) -> None:
    send(at("2026-11-02"), revision=1)
    send(at("2026-11-02"), revision=2)
    send(at("2026-11-06"), "H12@2025-07-01", revision=1)
    send(at("2026-11-02"), "G01@0001-01-01", outcome="rejected")
    # Who owes nothing raises no rate, whatever it sends.
    send(at("2026-11-02"), "G11.X-BCYCP@0001-01-01", revision=1)
    (counts,) = summarise(look(at("2026-11-10"), form_code="F06", period_code="2026-M10"))
    assert counts == {
        "form_code": "F06", "period_code": "2026-M10", "due_on": date(2026, 11, 4), "expected": AGENCIES,
        "received": 2, "on_time": 1, "late_extended": 0, "late": 1, "nil": 0, "rejected": 1,
        "missing": AGENCIES - 3, "extended": 0, "not_due": 0,
        "received_pct": Decimal("3.4"), "on_time_pct": Decimal("1.7"),
    }  # fmt: skip


@pytest.fixture
def grant(send: Send, ledger: Engine, catalogue: Catalogue) -> Callable[..., None]:
    def put(granted_on: str, to: str | None, **fields: str) -> None:
        given = {"reason": "Bão số 12", "approver": "Nguyễn Văn A"} | fields
        extend(
            ledger, catalogue, agency_code="G15", form_code="F06", period_code="2026-M10",
            extended_to=to and date.fromisoformat(to), now=at(granted_on), **given,
        )  # fmt: skip

    return put


def test_an_extension_gives_time_and_makes_no_late_report_one_in_time(
    send: Send, look: Any, grant: Any
) -> None:
    grant("2026-11-04", "2026-11-10")
    assert only(look(at("2026-11-04"), **JUSTICE)).state == "expected"
    waiting = only(look(at("2026-11-10"), **JUSTICE))
    assert (waiting.state, waiting.days_late, waiting.extended_to) == ("extended", 6, date(2026, 11, 10))
    assert (waiting.extension_reason, waiting.extension_approver) == ("Bão số 12", "Nguyễn Văn A")
    assert only(look(at("2026-11-11"), **JUSTICE)).state == "missing"
    send(at("2026-11-10", "23:59"), revision=1)
    received = only(look(at("2026-11-11"), **JUSTICE))
    assert (received.state, received.deadline_state, received.days_late) == ("late_extended", "late", 6)
    (counts,) = summarise([received])
    assert (counts["late_extended"], counts["late"], counts["on_time_pct"]) == (1, 0, Decimal("0.0"))


def test_the_newest_extension_counts_and_can_be_taken_back(look: Any, grant: Any) -> None:
    grant("2026-11-04", "2026-11-10")
    grant("2026-11-05", "2026-11-06")
    assert only(look(at("2026-11-04", "12:00"), **JUSTICE)).extended_to == date(2026, 11, 10)
    assert only(look(at("2026-11-09"), **JUSTICE)).state == "missing"
    grant("2026-11-09", "2026-11-10")
    grant("2026-11-09", None)
    assert only(look(at("2026-11-10"), **JUSTICE)).state == "missing"
    with pytest.raises(CycleError, match="no extension was granted"):
        grant("2026-11-10", None)


@pytest.mark.parametrize(
    ("to", "fields", "trouble"),
    [
        ("2026-11-04", {}, "is no extension: the report is due on 2026-11-04"),
        ("2026-11-05", {}, "2026-11-05 is past"),
        ("2026-11-15", {}, "give a working day, such as 2026-11-16"),
        ("2026-11-16", {"reason": " "}, "--reason is empty"),
        ("2026-11-16", {"approver": ""}, "--approver is empty"),
    ],
)
def test_an_extension_that_makes_no_sense_is_refused(
    look: Any, grant: Any, to: str, fields: dict[str, str], trouble: str
) -> None:
    with pytest.raises(CycleError, match=trouble):
        grant("2026-11-06", to, **fields)


def test_kpi_extend_grants_more_time_and_audits_it(tmp_path: Path) -> None:
    of = ("--agency", "G15", "--form", "F06", "--period", "2026-M11", "--reason", "Bão", "--approver", "An")
    done = kpi(tmp_path, "extend", *of, "--to", "2099-01-05", "--json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert (row["extended_to"], row["extension_reason"]) == ("2099-01-05", "Bão")
    (event,) = json.loads(kpi(tmp_path, "audit", "list", "--json").stdout)
    assert (event["actor"], event["action"], event["subject"]) == (
        "An",
        "extend",
        "G15@0001-01-01 F06 2026-M11",
    )
    assert kpi(tmp_path, "audit", "verify").returncode == 0
    assert kpi(tmp_path, "extend", *of).returncode == 2
    nobody = kpi(tmp_path, "extend", *of[2:], "--agency", "G99", "--to", "2099-01-05")
    assert (nobody.returncode, "owes no report" in nobody.stderr) == (2, True)


def test_without_a_period_the_open_ones_and_the_one_closed_last_are_shown(send: Send, look: Any) -> None:
    def shown(day: str) -> Counter[str]:
        return Counter(one.period_code for one in look(at(day), form_code="F06"))

    assert set(shown("2026-11-11")) >= {"2026-M09", "2026-M10", "2026-M11"}  # October closes tonight
    assert "2026-M08" not in shown("2026-11-11")
    assert "2026-M09" not in shown("2026-11-12")
    assert shown("2026-11-12")["2026-M10"] == AGENCIES


def test_rates_do_not_change_with_the_catalogue(send: Send, look: Any, catalogue: Catalogue) -> None:
    send(at("2026-11-02"), revision=1)
    october = {"form_code": "F06", "period_code": "2026-M10"}
    before = summarise(look(at("2026-11-20"), **october))
    fewer = replace(catalogue, agencies=catalogue.agencies[:5], reporting_obligations=(), working_days=())
    assert summarise(look(at("2026-11-20"), given=fewer, **october)) == before


def test_kpi_status_opens_the_periods_itself_and_lists_what_is_owed(tmp_path: Path) -> None:
    done = kpi(tmp_path, "status", "--form", "F06", "--period", "2026-M01", "--json")
    rows = json.loads(done.stdout)
    assert (done.returncode, len(rows)) == (0, AGENCIES)
    assert rows[0] | {"agency_code": "G01", "state": "missing", "due_on": "2026-02-04"} == rows[0]
    again = kpi(tmp_path, "status", "--form", "F06", "--period", "2026-M01", "--json")
    assert json.loads(again.stdout) == rows


def test_kpi_status_counts_for_people(tmp_path: Path) -> None:
    migrate(open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}"))
    done = kpi(tmp_path, "status")
    assert done.returncode == 0, done.stderr
    for form in ("F01", "F02", "F03", "F04", "F05", "F06"):
        assert form in done.stdout
    assert "F07" not in done.stdout
    listed = kpi(tmp_path, "status", "--agency", "G15", "--period", "2026-M01")
    assert "Quá hạn, chưa nộp" in listed.stdout
    assert "Bộ Tư pháp" in listed.stdout


@pytest.mark.parametrize("option", [("--agency", "G99"), ("--form", "F99"), ("--period", "2026-13")])
def test_kpi_status_refuses_codes_nobody_knows(tmp_path: Path, option: tuple[str, str]) -> None:
    done = kpi(tmp_path, "status", *option)
    assert (done.returncode, done.stdout) == (2, "")
    assert option[1] in done.stderr
