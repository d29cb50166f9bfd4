"""What reminders say about units: to their focal point what to urge and confirm, to them what came back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.agencies import is_focal_point, successor_on
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Agency, ReminderStage
from national_kpi.clock import in_hanoi
from national_kpi.cycle.status import ObligationStatus
from national_kpi.ledger.cycle import ReminderReport
from national_kpi.ledger.models import Obligation
from national_kpi.periods import name_vi, parse_period
from national_kpi.unit_reports import UnitReport, unit_reports
from national_kpi.working_days import WorkingDays

ARRIVAL, RETURNED = "arrival", "returned"


@dataclass
class UnitNews:
    """What one agency is told of units, each list as the ledger keeps it.

    Attributes:
        units_owed: reports its units are reminded of today.
        waiting: reports of its units that wait for its confirmation.
        returned: reports of its own that its focal point returned.
        told: what is noted so that it is not told again.
    """

    units_owed: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    returned: list[dict[str, Any]] = field(default_factory=list)
    told: list[ReminderReport] = field(default_factory=list)

    @property
    def body(self) -> dict[str, Any]:
        """The lists, by name."""
        return {"units_owed": self.units_owed, "waiting": self.waiting, "returned": self.returned}


def collector_of(catalogue: Catalogue, status: ObligationStatus, today: date) -> str | None:
    """The code of the focal point that answers today for whom a unit's report is owed through."""
    unit, end = catalogue.agency(status.agency_id), parse_period(status.period_code).end
    above = catalogue.agency(unit.parent_id) if unit.kind == "unit" and unit.parent_id else None
    if above is None or not is_focal_point(catalogue, above, end):
        return None
    holder = successor_on(catalogue, above, today)
    return holder.agency_code if holder else None


def news_of_reports(
    session: Session, home: Path, catalogue: Catalogue, now: datetime
) -> Iterator[tuple[Agency, UnitNews]]:
    """Reports that wait or came back and of which that was not told yet, each with whom to tell.

    A focal point is told of a report when it came, and again at the stages before its period closes.

    Args:
        session: the ledger, with its periods opened.
        home: the folder that the lake lies in.
        catalogue: the focal points, units and stages.
        now: the present moment.
    """
    today = in_hanoi(now).date()
    done = {(one.submission_id, one.stage_code) for one in session.scalars(select(ReminderReport))}
    closing = _closing_days(session)
    for report in unit_reports(session, home, catalogue, now):
        if report.state == "confirmed":
            continue
        closes_on = closing.get((report.unit.agency_id, report.form_code, report.period_code))
        is_returned = report.state == "returned"
        stage = RETURNED if is_returned else _stage(catalogue, closes_on, today)
        holder = successor_on(catalogue, report.unit if is_returned else report.focal_point, today)
        if holder and (report.submission_id, stage) not in done:
            item = _item(catalogue, report, closes_on)
            told = [ReminderReport(submission_id=report.submission_id, stage_code=stage)]
            news = UnitNews(returned=[item]) if is_returned else UnitNews(waiting=[item])
            yield holder, replace(news, told=told)


def merged(news: Sequence[UnitNews]) -> UnitNews:
    """All that one agency is told, as one."""
    return UnitNews(
        units_owed=[item for one in news for item in one.units_owed],
        waiting=[item for one in news for item in one.waiting],
        returned=[item for one in news for item in one.returned],
        told=[note for one in news for note in one.told],
    )


def _closing_days(session: Session) -> dict[tuple[str, str, str], date]:
    return {
        (agency_id, form_code, period_code): closes_on
        for agency_id, form_code, period_code, closes_on in session.execute(
            select(Obligation.agency_id, Obligation.form_code, Obligation.period_code, Obligation.closes_on)
        )
    }


def _stage(catalogue: Catalogue, closes_on: date | None, today: date) -> str:
    """The last stage up to a period's closing day that is reached; before the first, the report's arrival."""
    working_days = WorkingDays(catalogue.working_days)

    def is_reached(stage: ReminderStage) -> bool:
        return (
            closes_on is not None
            and stage.working_days <= 0
            and working_days.before(closes_on, -stage.working_days) <= today
        )

    reached = max(
        filter(is_reached, catalogue.reminder_stages), key=lambda stage: stage.working_days, default=None
    )
    return reached.stage_code if reached else ARRIVAL


def _item(catalogue: Catalogue, report: UnitReport, closes_on: date | None) -> dict[str, Any]:
    return {
        "agency_name": report.unit.name_vi,
        "focal_point_name": report.focal_point.name_vi,
        "form_code": report.form_code,
        "form_name": catalogue.form(report.form_code).name_vi,
        "period_code": report.period_code,
        "period_name": name_vi(parse_period(report.period_code)),
        "receipt": report.receipt,
        "closes_on": closes_on.isoformat() if closes_on else None,
        "note": report.note,
    }
