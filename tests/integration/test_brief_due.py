"""On which days which briefs are due, and that the DAG issues none twice."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.brief.due import due_briefs
from national_kpi.brief.issue import BriefRequest
from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.cycle.obligations import open_periods
from national_kpi.ledger.cycle import BriefIssue
from national_kpi.ledger.models import Obligation
from national_kpi.ledger.session import migrate, one_at_a_time, open_ledger
from national_kpi.working_days import WorkingDays


@pytest.fixture
def session(tmp_path: Path, catalogue: Catalogue) -> Iterator[Session]:
    engine = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    migrate(engine)
    with one_at_a_time(engine) as opened:
        open_periods(opened, catalogue, datetime(2026, 9, 1, 8, tzinfo=HANOI))
    with Session(engine) as reading:
        yield reading
    engine.dispose()


def issue(session: Session, request: BriefRequest) -> None:
    session.add(
        BriefIssue(
            issue_id=f"{request.kind}-{request.period_code}",
            kind=request.kind,
            as_of=request.as_of,
            period_code=request.period_code,
            agency_codes=list(request.agency_codes),
            content_sha256="",
            body={},
            issued_by="platform",
            issued_at=datetime(2026, 9, 1, tzinfo=HANOI),
        )
    )
    session.flush()


def closing_day(session: Session, month: str) -> date:
    days = session.scalars(select(Obligation.closes_on).where(Obligation.period_code == month)).all()
    return max(days)


def test_a_month_is_briefed_once_on_the_first_working_day_after_it_closed(
    session: Session, catalogue: Catalogue
) -> None:
    working_days, closes_on = WorkingDays(catalogue.working_days), closing_day(session, "2026-M07")
    first = working_days.after(closes_on, 1)
    issued = []
    day = working_days.after(closing_day(session, "2026-M06"), 1)
    for request in due_briefs(session, working_days, day):
        issue(session, request)
    while day < first + timedelta(days=10):
        for request in due_briefs(session, working_days, day):
            issued.append((day, request))
            issue(session, request)
        day += timedelta(days=1)
    assert issued == [(first, BriefRequest("monthly", closes_on, "2026-M07"))]


def test_the_half_year_is_briefed_with_the_month_that_ends_it(session: Session, catalogue: Catalogue) -> None:
    working_days, closes_on = WorkingDays(catalogue.working_days), closing_day(session, "2026-M06")
    due = due_briefs(session, working_days, working_days.after(closes_on, 1))
    assert due == [
        BriefRequest("monthly", closes_on, "2026-M06"),
        BriefRequest("half_yearly", closes_on, "2026-H1"),
    ]


def test_a_dossier_on_the_month_is_not_the_months_brief(session: Session, catalogue: Catalogue) -> None:
    working_days, closes_on = WorkingDays(catalogue.working_days), closing_day(session, "2026-M07")
    issue(session, BriefRequest("monthly", closes_on, "2026-M07", ("G13",)))
    assert len(due_briefs(session, working_days, working_days.after(closes_on, 1))) == 1
