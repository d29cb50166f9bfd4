"""Where reporting periods stand: open, closed as provisional, certified, or reopened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.ledger.cycle import PeriodEvent

State = Literal["open", "provisional", "certified", "reopened"]

STATES_VI: dict[State, str] = {
    "open": "Đang thu thập số liệu",
    "provisional": "Đã khóa kỳ, số liệu tạm thời",
    "certified": "Đã chứng nhận",
    "reopened": "Mở lại để chứng nhận lại",
}

_STATE_AFTER: dict[str, State] = {
    "closed": "provisional",
    "certified": "certified",
    "reopened": "reopened",
    "reverted": "certified",
}


@dataclass(frozen=True)
class PeriodState:
    """Where a period that was closed stands after its events.

    Attributes:
        period_code: which period.
        state: where it stands.
        closed: the event that froze it as provisional.
        certification: the certification whose values count; None before the first. It goes on counting while
            the period is reopened, until the next one.
        newest: the last event.
    """

    period_code: str
    state: State
    closed: PeriodEvent
    certification: PeriodEvent | None
    newest: PeriodEvent


def period_states(events: Iterable[PeriodEvent]) -> dict[str, PeriodState]:
    """Where each period stands, by its code; one that was never closed is not listed.

    Args:
        events: what happened to periods, in the order in which it happened.
    """
    by_period: dict[str, list[PeriodEvent]] = {}
    for event in events:
        by_period.setdefault(event.period_code, []).append(event)
    return {code: _state(code, of_period) for code, of_period in sorted(by_period.items())}


def _state(period_code: str, events: Sequence[PeriodEvent]) -> PeriodState:
    certifications = [event for event in events if event.kind == "certified"]
    return PeriodState(
        period_code=period_code,
        state=_STATE_AFTER[events[-1].kind],
        closed=events[0],
        certification=certifications[-1] if certifications else None,
        newest=events[-1],
    )


def period_events(session: Session, newest_id: int | None = None) -> Sequence[PeriodEvent]:
    """What happened to periods, in the order in which it happened.

    Args:
        session: the ledger.
        newest_id: no further than this event; None for all.
    """
    chosen = select(PeriodEvent).order_by(PeriodEvent.event_id)
    if newest_id is not None:
        chosen = chosen.where(PeriodEvent.event_id <= newest_id)
    return session.scalars(chosen).all()


def kept_publications(session: Session) -> set[str]:
    """The publications whose snapshots must stay: every certified one, and provisional ones until then."""
    events = period_events(session)
    certified = {event.publication_id for event in events if event.kind == "certified"}
    waiting = {
        state.closed.publication_id
        for state in period_states(events).values()
        if state.state == "provisional"
    }
    return certified | waiting
