"""What receipts say about deadlines."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import delete
from sqlalchemy.orm import Session

import national_kpi.intake
from national_kpi.clock import HANOI
from national_kpi.cycle.obligations import open_periods
from national_kpi.cycle.status import read_status
from national_kpi.intake.drop import prepare_folders
from national_kpi.intake.pipeline import IntakeContext, check_file, take_in
from national_kpi.ledger.models import Obligation
from national_kpi.ledger.session import one_at_a_time
from tests.unit.intake.workbooks import form_grid, save

OPENED = datetime(2026, 10, 1, 0, 1, tzinfo=HANOI)
DUE = {"cutoff_on": "2026-10-31", "due_on": "2026-11-04", "closes_on": "2026-11-11"}
SCHEMA = json.loads(Path(national_kpi.intake.__path__[0], "receipt.schema.json").read_text(encoding="utf-8"))

Received = Callable[..., dict[str, Any]]


@pytest.fixture
def received(context: IntakeContext) -> Received:
    """The receipt of one F06 that arrives at a moment."""
    prepare_folders(context.paths, context.catalogue, OPENED.date())

    def receive(
        moment: str,
        period: str = "Tháng 10/2026",
        code: str = "G15",
        portal: str = "Cổng A",
        visits: Any = 5,
    ) -> dict[str, Any]:
        now = datetime.fromisoformat(moment).replace(tzinfo=HANOI)
        rows = [{"portal": portal, "visits": visits}]
        grid = form_grid(context.catalogue, "F06", rows, period=f"Kỳ báo cáo: {period}")
        file = save(context.paths.inbox(code) / "f06.csv", grid)
        settled = (now - timedelta(minutes=5)).timestamp()
        os.utime(file, (settled, settled))
        result = take_in(context, file, now)
        assert result is not None
        receipt: dict[str, Any] = json.loads((result.receipt_folder / "receipt.json").read_text("utf-8"))
        Draft202012Validator(SCHEMA).validate(receipt)
        receipt["page"] = (result.receipt_folder / "bien-nhan.html").read_text("utf-8")
        return receipt

    return receive


def opened(context: IntakeContext, now: datetime = OPENED) -> None:
    with one_at_a_time(context.engine) as session:
        open_periods(session, context.catalogue, now)


@pytest.mark.parametrize(
    ("moment", "state", "text"),
    [
        ("2026-10-20T08:00", "early", "Nộp khi kỳ báo cáo chưa kết thúc"),
        ("2026-11-04T23:59", "on_time", "Nộp trong thời hạn"),
        ("2026-11-05T00:00", "late", "Nộp quá hạn"),
        ("2026-11-12T00:00", "after_close", "Nộp sau ngày khóa kỳ báo cáo"),
    ],
)
@pytest.mark.parametrize("is_opened", [True, False])
def test_a_receipt_says_how_the_file_came_in(
    context: IntakeContext, received: Received, moment: str, state: str, text: str, is_opened: bool
) -> None:
    if is_opened:
        opened(context)
    receipt = received(moment)
    assert receipt["deadline"] == {"state": state, "state_text": text, **DUE}
    assert f"04/11/2026 – <b>{text.lower()}</b>" in receipt["page"]


def test_a_refused_file_is_told_its_deadline_too(received: Received) -> None:
    receipt = received("2026-11-02T08:00", visits="mười")
    assert receipt["outcome"] == "rejected"
    assert receipt["deadline"]["due_on"] == "2026-11-04"


def test_the_deadline_stays_as_it_was_when_the_period_opened(
    context: IntakeContext, received: Received
) -> None:
    opened(context)
    stricter = [
        row.model_copy(update={"due_working_days": 1}) for row in context.catalogue.reporting_obligations
    ]
    vars(context)["catalogue"] = replace(context.catalogue, reporting_obligations=tuple(stricter))
    assert received("2026-11-03T08:00")["deadline"]["due_on"] == "2026-11-04"


def test_who_owed_nothing_when_the_period_opened_owes_nothing(
    context: IntakeContext, received: Received
) -> None:
    opened(context)
    with Session(context.engine) as session, session.begin():
        session.execute(delete(Obligation).where(Obligation.agency_id == "G15@0001-01-01"))
    assert received("2026-11-03T08:00")["deadline"] is None


@pytest.mark.parametrize("period", ["Tháng 8/2022", "Quý III/2026", "Tháng 12/2026", "Năm 9999"])
def test_nothing_is_due_before_reporting_began_for_other_periods_or_in_the_future(
    received: Received, period: str
) -> None:
    receipt = received("2026-11-03T08:00", period=period)
    assert receipt["deadline"] is None
    assert "Hạn nộp" not in receipt["page"]


def test_a_merged_province_is_told_the_deadline_of_those_it_absorbed(
    context: IntakeContext, received: Received
) -> None:
    monthly = next(row for row in context.catalogue.reporting_obligations if row.obligation_code == "F06-M")
    since = monthly.model_copy(update={"period_kind": "month_gov", "valid_from": date(2025, 6, 15)})
    vars(context)["catalogue"] = replace(context.catalogue, reporting_obligations=(since,))
    opened(context)
    receipt = received("2025-07-15T08:00", period="Từ ngày 15/06/2025 đến ngày 14/07/2025", code="H44")
    assert receipt["reported_by"] == "H44@2025-07-01"
    assert receipt["deadline"]["due_on"] == "2025-07-17"


def test_a_check_tells_the_deadline_as_the_receipt_would(context: IntakeContext, tmp_path: Path) -> None:
    file = save(tmp_path / "f06.csv", form_grid(context.catalogue, "F06", period="Kỳ báo cáo: Tháng 10/2026"))
    now = datetime(2026, 11, 6, tzinfo=HANOI)
    deadline = check_file(context.catalogue, file, "G15", now).body["deadline"]
    assert deadline == {"state": "late", "state_text": "Nộp quá hạn", **DUE}


def test_the_status_of_a_report_follows_the_files_that_come(
    context: IntakeContext, received: Received
) -> None:
    opened(context)

    def state(day: int) -> str:
        now = datetime(2026, 11, day, 23, tzinfo=HANOI)
        with Session(context.engine) as session:
            (one,) = read_status(
                session, context.catalogue, now, form_code="F06", agency_code="G15", period_code="2026-M10"
            )
        return one.state

    assert state(2) == "expected"
    assert received("2026-11-03T08:00", visits="mười")["outcome"] == "rejected"
    assert state(3) == "rejected"
    assert received("2026-11-04T08:00", portal="Không phát sinh", visits="")["is_nil"]
    assert state(4) == "nil"
    assert received("2026-11-09T08:00")["revision"] == 2
    assert state(9) == "on_time"
