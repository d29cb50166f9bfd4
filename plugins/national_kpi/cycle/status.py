"""What became of the reports that are owed, on a day: received or not, in time or not."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.clock import in_hanoi
from national_kpi.cycle.extensions import extensions_of
from national_kpi.deadlines import Deadline, DeadlineState, answered_by, deadline_state
from national_kpi.ledger.cycle import Extension
from national_kpi.ledger.models import Obligation, Submission
from national_kpi.periods import name_vi, parse_period

State = Literal[
    "expected", "received", "on_time", "extended", "late_extended", "late", "nil", "missing", "rejected"
]

STATES_VI: dict[State, str] = {
    "expected": "Chưa đến hạn nộp",
    "received": "Đã nhận, kỳ báo cáo chưa kết thúc",
    "on_time": "Đã nộp đúng hạn",
    "extended": "Được gia hạn, chưa đến hạn mới",
    "late_extended": "Đã nộp trong thời gian gia hạn",
    "late": "Đã nộp, quá hạn",
    "nil": "Đã báo cáo không phát sinh",
    "missing": "Quá hạn, chưa nộp",
    "rejected": "Đã gửi, chưa được tiếp nhận",
}
"""What has become of a report owed. `received` turns into `on_time` once its period has ended; a nil return
is `nil` whenever it came, and `deadline_state` and `days_late` tell whether that was in time."""


@dataclass(frozen=True)
class ObligationStatus:
    """One report that is owed, and what became of it.

    Args:
        agency_id: who owed it when the period opened.
        is_received: whether a report was accepted; the first accepted one tells whether it came in time.
        deadline_state: how the first accepted report lay to the deadline.
        received_at: when it came.
        days_late: calendar days from the due day to its arrival, or to today when there is none, whatever
            was extended.
        extended_to: the last day in time by the extension that counts; None without one.
        reported_by: who reported; a successor where the agency has ended.
        submission_id: the accepted revision that stands, else the file refused last.
    """

    obligation_id: int
    agency_code: str
    agency_id: str
    agency_name: str
    form_code: str
    period_code: str
    period_name: str
    obligation_code: str
    cutoff_on: date
    due_on: date
    closes_on: date
    state: State
    state_text: str
    is_received: bool
    deadline_state: DeadlineState | None
    received_at: datetime | None
    days_late: int
    extended_to: date | None
    extension_reason: str | None
    extension_approver: str | None
    reported_by: str | None
    submission_id: str | None
    revision: int | None


def read_status(
    session: Session,
    catalogue: Catalogue,
    now: datetime,
    *,
    form_code: str | None = None,
    agency_code: str | None = None,
    period_code: str | None = None,
) -> list[ObligationStatus]:
    """What became of the reports owed, by form, period and agency.

    Args:
        session: the ledger, with its periods opened.
        catalogue: names agencies and says who succeeded whom.
        now: the moment to look from.
        form_code: one form only.
        agency_code: one agency only, in all its validities.
        period_code: one period only; without it, of each form the open periods and the one closed last.
    """
    today = in_hanoi(now).date()
    query = select(Obligation)
    if form_code:
        query = query.where(Obligation.form_code == form_code)
    if agency_code:
        query = query.where(Obligation.agency_id.startswith(f"{agency_code}@", autoescape=True))
    if period_code:
        query = query.where(Obligation.period_code == period_code)
    obligations = list(session.scalars(query))
    if not period_code:
        obligations = _open_or_closed_last(obligations, today)
    answers = _answers(session, catalogue, obligations, now)
    extensions = extensions_of(session, (one.obligation_id for one in obligations), now)
    names = {agency.agency_id: agency.name_vi for agency in catalogue.agencies}
    statuses = [
        _status(
            one,
            names.get(one.agency_id, one.agency_id),
            answers[one.obligation_id],
            extensions.get(one.obligation_id),
            today,
        )
        for one in obligations
    ]
    return sorted(statuses, key=lambda one: (one.form_code, one.cutoff_on, one.period_code, one.agency_id))


def _open_or_closed_last(obligations: Sequence[Obligation], today: date) -> list[Obligation]:
    closed: dict[tuple[str, str], date] = {}
    for one in obligations:
        if one.closes_on < today:
            closed[_series(one)] = max(one.closes_on, closed.get(_series(one), date.min))
    return [one for one in obligations if one.closes_on >= closed.get(_series(one), today)]


def _series(obligation: Obligation) -> tuple[str, str]:
    return obligation.form_code, parse_period(obligation.period_code).kind


def _answers(
    session: Session, catalogue: Catalogue, obligations: Sequence[Obligation], now: datetime
) -> dict[int, list[Submission]]:
    """The files that answer each obligation, accepted or refused, in the order in which they were decided."""
    owed = {(one.agency_id, one.form_code, one.period_code): one.obligation_id for one in obligations}
    decided = select(Submission).where(
        Submission.state == "decided",
        Submission.received_at <= now,
        Submission.form_code.in_({one.form_code for one in obligations}),
        Submission.period_code.in_({one.period_code for one in obligations}),
        or_(Submission.revision.is_not(None), Submission.outcome == "rejected"),
    )
    answers: dict[int, list[Submission]] = defaultdict(list)
    for file in session.scalars(decided.order_by(Submission.decision_number)):
        if file.reported_by and file.form_code and file.period_code:
            for agency_id in answered_by(catalogue, file.reported_by, parse_period(file.period_code)):
                if obligation_id := owed.get((agency_id, file.form_code, file.period_code)):
                    answers[obligation_id].append(file)
    return answers


def _status(
    obligation: Obligation,
    name: str,
    files: Sequence[Submission],
    extension: Extension | None,
    today: date,
) -> ObligationStatus:
    accepted = [file for file in files if file.revision]
    received_at = min((file.received_at for file in accepted), default=None)
    standing = next(reversed(accepted or files), None)
    deadline = Deadline(obligation.cutoff_on, obligation.due_on, obligation.closes_on)
    is_nil = standing is not None and bool(standing.revision) and standing.is_nil
    extended_to = extension.extended_to if extension else None
    state = state_of(deadline, received_at, is_nil, bool(files), today, extended_to)
    until = in_hanoi(received_at).date() if received_at else today
    return ObligationStatus(
        obligation_id=obligation.obligation_id,
        agency_code=obligation.agency_id.partition("@")[0],
        agency_id=obligation.agency_id,
        agency_name=name,
        form_code=obligation.form_code,
        period_code=obligation.period_code,
        period_name=name_vi(parse_period(obligation.period_code)),
        obligation_code=obligation.obligation_code,
        cutoff_on=obligation.cutoff_on,
        due_on=obligation.due_on,
        closes_on=obligation.closes_on,
        state=state,
        state_text=STATES_VI[state],
        is_received=received_at is not None,
        deadline_state=deadline_state(deadline, received_at) if received_at else None,
        received_at=received_at,
        days_late=max(0, (until - obligation.due_on).days),
        extended_to=extended_to,
        extension_reason=extension.reason if extension else None,
        extension_approver=extension.approver if extension else None,
        reported_by=standing.reported_by if standing else None,
        submission_id=standing.submission_id if standing else None,
        revision=standing.revision if standing else None,
    )


def state_of(
    deadline: Deadline,
    received_at: datetime | None,
    is_nil: bool,
    is_answered: bool,
    today: date,
    extended_to: date | None = None,
) -> State:
    """The state of one report that is owed.

    Args:
        deadline: as it was when the period opened.
        received_at: when the first accepted report came; None when none was accepted.
        is_nil: whether the accepted report that stands says that there is nothing to report.
        is_answered: whether any file came for it, be it refused.
        today: the day to look from.
        extended_to: the last day in time by an extension; None without one.
    """
    if received_at:
        if is_nil:
            return "nil"
        if today <= deadline.cutoff_on:
            return "received"  # the period still runs: a later file may complete it
        if deadline_state(deadline, received_at) in ("early", "on_time"):
            return "on_time"
        day = in_hanoi(received_at).date()
        return "late_extended" if extended_to and day <= extended_to else "late"
    if is_answered:
        return "rejected"
    if extended_to and deadline.due_on < today <= extended_to:
        return "extended"
    return "missing" if today > deadline.due_on else "expected"


def summarise(statuses: Iterable[ObligationStatus]) -> list[dict[str, Any]]:
    """Counts by form and period. `expected` are all reports owed; rates are percentages of those.

    Every report owed is either received (on time, late within an extension or late; nil returns among them),
    refused, missing, not due by its extension, or not due yet. An extension makes no report one in time.
    """
    groups: dict[tuple[str, str], list[ObligationStatus]] = defaultdict(list)
    for one in statuses:
        groups[one.form_code, one.period_code].append(one)
    return [
        {"form_code": form_code, "period_code": period_code, "due_on": owed[0].due_on, **_counts(owed)}
        for (form_code, period_code), owed in groups.items()
    ]


def _counts(owed: Sequence[ObligationStatus]) -> dict[str, Any]:
    received = sum(one.is_received for one in owed)
    on_time = sum(one.is_received and not one.days_late for one in owed)
    extended = sum(_is_within_extension(one) for one in owed)
    return {
        "expected": len(owed),
        "received": received,
        "on_time": on_time,
        "late_extended": extended,
        "late": received - on_time - extended,
        "nil": sum(one.state == "nil" for one in owed),
        "rejected": sum(one.state == "rejected" for one in owed),
        "missing": sum(one.state == "missing" for one in owed),
        "extended": sum(one.state == "extended" for one in owed),
        "not_due": sum(one.state == "expected" for one in owed),
        "received_pct": _percent(received, len(owed)),
        "on_time_pct": _percent(on_time, len(owed)),
    }


def _is_within_extension(one: ObligationStatus) -> bool:
    """Whether a report came after its deadline and before the end of its extension."""
    if one.received_at is None or one.extended_to is None or not one.days_late:
        return False
    return in_hanoi(one.received_at).date() <= one.extended_to


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
