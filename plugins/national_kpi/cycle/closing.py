"""Closing reporting periods as provisional, on the first publication after their last day for reports."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from national_kpi.clock import end_of_day, in_hanoi
from national_kpi.ledger.audit import PLATFORM, record
from national_kpi.ledger.cycle import PeriodEvent
from national_kpi.ledger.models import Build, Obligation, Publication
from national_kpi.ledger.period_states import STATES_VI, PeriodState, period_events, period_states
from national_kpi.ledger.session import one_at_a_time
from national_kpi.paths import Paths
from national_kpi.periods import name_vi, parse_period
from national_kpi.warehouse.certified import snapshot_of
from national_kpi.warehouse.publish import publishing_lock


def close_due_periods(paths: Paths, engine: Engine, now: datetime) -> list[PeriodEvent]:
    """Close every period whose last day for reports has passed, on a publication that was made after it.

    Repeated, it closes nothing twice; a period without such a publication waits for one.

    Args:
        paths: the platform's folders.
        engine: the ledger, with its periods opened.
        now: the present moment; a closing day counts to its end, in Hanoi.

    Raises:
        PublishError: a publication takes too long.
    """
    with publishing_lock(paths), one_at_a_time(engine) as session:
        known = period_states(period_events(session))
        due = {
            code: closes_on
            for code, closes_on in closing_days(session).items()
            if code not in known and closes_on < in_hanoi(now).date()
        }
        closed = []
        for code, closes_on in sorted(due.items(), key=lambda one: (one[1], one[0])):
            if publication := newest_publication(session, paths, closes_on):
                comment = f"Khóa kỳ sau ngày {closes_on:%d/%m/%Y}, ngày cuối cùng nhận báo cáo."
                event = PeriodEvent(
                    period_code=code,
                    kind="closed",
                    publication_id=publication.publication_id,
                    author=PLATFORM,
                    comment=comment,
                    occurred_at=now,
                )
                closed.append(write_event(session, "close", event, {"closes_on": closes_on.isoformat()}))
        return closed


def provisional_periods(session: Session) -> list[PeriodState]:
    """Periods that were closed and wait for a person to certify them."""
    states = period_states(period_events(session))
    return [state for state in states.values() if state.state == "provisional"]


def list_periods(session: Session, now: datetime) -> list[dict[str, Any]]:
    """Every period for which reports are owed, and where it stands.

    Args:
        session: the ledger, with its periods opened.
        now: the present moment.
    """
    states = period_states(period_events(session))
    rows = []
    for code, closes_on in sorted(closing_days(session).items(), key=lambda one: (one[1], one[0])):
        state = states.get(code)
        certification = state.certification if state else None
        rows.append(
            {
                "period_code": code,
                "period_name": name_vi(parse_period(code)),
                "closes_on": closes_on,
                "state": state.state if state else "open",
                "state_text": STATES_VI[state.state if state else "open"],
                "is_due": state is None and closes_on < in_hanoi(now).date(),
                "publication_id": (certification or state.newest).publication_id if state else None,
                "closed_at": state.closed.occurred_at if state else None,
                "certified_at": certification.occurred_at if certification else None,
                "certified_by": certification.author if certification else None,
                "comment": certification.comment if certification else None,
            }
        )
    return rows


def closing_days(session: Session) -> dict[str, date]:
    """The last day on which reports of each period may come, by any form's obligation."""
    chosen = select(Obligation.period_code, func.max(Obligation.closes_on)).group_by(Obligation.period_code)
    return {row.period_code: row[1] for row in session.execute(chosen)}


def newest_publication(session: Session, paths: Paths, closes_on: date) -> Publication | None:
    """The newest publication that looks at a period from after its closing day."""
    newest_first = select(Publication, Build).join(Build).order_by(Publication.publication_id.desc())
    for publication, build in session.execute(newest_first):
        is_there = snapshot_of(paths, publication.publication_id).is_file()
        if is_there and is_after(publication, build, closes_on):
            return publication
    return None


def is_after(publication: Publication, build: Build, closes_on: date) -> bool:
    """Whether a publication knows all that came until the end of a closing day."""
    return publication.as_of > closes_on and build.started_at > end_of_day(closes_on)


def write_event(session: Session, action: str, event: PeriodEvent, details: Mapping[str, Any]) -> PeriodEvent:
    """Write down a step of a period, with its audit.

    Args:
        session: a transaction of `ledger.session.one_at_a_time`.
        action: the audit's name for it.
        event: the step.
        details: what the audit keeps besides what the event says.
    """
    session.add(event)
    session.flush()
    record(
        session,
        actor=event.author,
        action=action,
        subject=event.period_code,
        details={
            "event_id": event.event_id,
            "publication_id": event.publication_id,
            "comment": event.comment,
            **details,
        },
        now=event.occurred_at,
    )
    return event
