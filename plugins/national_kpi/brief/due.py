"""Which briefs are due: of the month that has closed last, and of the half-year it ends."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.brief.issue import BriefRequest
from national_kpi.cycle.closing import closing_days
from national_kpi.ledger.cycle import BriefIssue
from national_kpi.periods import Period, named_period, parse_period
from national_kpi.working_days import WorkingDays

MONTHS_THAT_END_A_HALF = {6: 1, 12: 2}


def due_briefs(session: Session, working_days: WorkingDays, today: date) -> list[BriefRequest]:
    """Briefs to issue on a day; none on a day off, and none that was issued before.

    A month's brief is due on the first working day after the last day on which reports of the month could
    still come in, and looks from that last day: whoever issues it later, it says the same. Earlier months
    that were missed are left to `kpi brief`.

    Args:
        session: the ledger.
        working_days: when offices work.
        today: the day, in Hanoi.
    """
    closed = [(closes_on, period) for period, closes_on in _closing_days(session) if closes_on < today]
    if not closed or not working_days.is_working(today):
        return []
    as_of, month = max(closed, key=lambda entry: entry[1].end)
    due = [BriefRequest("monthly", as_of, month.code)]
    if half := MONTHS_THAT_END_A_HALF.get(month.end.month):
        due.append(BriefRequest("half_yearly", as_of, named_period("half", month.end.year, half).code))
    return [request for request in due if not _is_issued(session, request)]


def _closing_days(session: Session) -> list[tuple[Period, date]]:
    """Calendar months with the day on which the last of their forms closes."""
    periods = [(parse_period(code), closes_on) for code, closes_on in closing_days(session).items()]
    return [(period, closes_on) for period, closes_on in periods if period.kind == "month"]


def _is_issued(session: Session, request: BriefRequest) -> bool:
    issued = session.scalars(
        select(BriefIssue.agency_codes).where(
            BriefIssue.kind == request.kind, BriefIssue.period_code == request.period_code
        )
    )
    return any(not agencies for agencies in issued)
