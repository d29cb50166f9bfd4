"""How sources are found, and whether what comes from them is fresh."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Source
from national_kpi.errors import SourceError
from national_kpi.ledger.models import Pull, SourceState

UNREACHABLE_RULE = "MODEL-15"
"""Its threshold says for how many days a source may be out of reach."""


class State(StrEnum):
    """How a pull found a source."""

    GOOD = "good"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    CHANGED = "changed"


@dataclass(frozen=True)
class Freshness:
    """How a source is.

    Attributes:
        state: as the newest pull found it; None before the first.
        last_good_at: when a pull last went well.
        last_new_at: when one last brought something.
        failing_since: when pulls began to go wrong; None while they go well.
        last_error: what went wrong last, `last_error_at`; it may be mended since.
        is_fresh: it is of its shape, was heard of not too long ago, and has brought something as often as is
            expected of it.
    """

    source_id: str
    name: str
    kind: str
    agency_code: str
    state: str | None
    is_fresh: bool
    last_good_at: datetime | None
    last_new_at: datetime | None
    failing_since: datetime | None
    last_error: str | None
    last_error_at: datetime | None


def note_state(
    engine: Engine, source_id: str, state: State, error: SourceError | None, now: datetime
) -> None:
    """Write down how a pull found a source.

    Args:
        engine: the ledger.
        source_id: which source.
        state: how it was found.
        error: what went wrong; None when nothing did.
        now: the moment of the pull.
    """
    place = error.where if error and state == State.CHANGED else None
    with Session(engine) as session, session.begin():
        newest = session.scalar(
            select(SourceState)
            .where(SourceState.source_id == source_id)
            .order_by(SourceState.state_id.desc())
            .limit(1)
        )
        if newest is None or (newest.state, newest.place) != (state, place):
            newest = SourceState(source_id=source_id, state=state, place=place, began_at=now)
            session.add(newest)
        newest.error, newest.last_at = str(error) if error else None, now


def freshness(session: Session, catalogue: Catalogue, today: date) -> list[Freshness]:
    """How every source of the catalogue is: while pulls run, as the models judge it (`int_source_states`).

    Args:
        session: the ledger.
        catalogue: the sources, and how long one may be out of reach.
        today: the day to judge on.
    """
    return [_of(session, catalogue, source, today) for source in catalogue.sources]


def _of(session: Session, catalogue: Catalogue, source: Source, today: date) -> Freshness:
    states = session.scalars(
        select(SourceState).where(SourceState.source_id == source.source_id).order_by(SourceState.state_id)
    ).all()
    last_new_at = session.scalar(select(func.max(Pull.pulled_at)).where(Pull.source_id == source.source_id))
    good = [position for position, one in enumerate(states) if one.state == State.GOOD]
    failing = states[good[-1] + 1 :] if good else states
    errors = [one for one in states if one.error]
    return Freshness(
        source_id=source.source_id,
        name=source.name_vi,
        kind=source.kind,
        agency_code=source.agency_code,
        state=states[-1].state if states else None,
        is_fresh=_is_fresh(catalogue, source, states, failing, last_new_at, today),
        last_good_at=states[good[-1]].last_at if good else None,
        last_new_at=last_new_at,
        failing_since=failing[0].began_at if failing else None,
        last_error=errors[-1].error if errors else None,
        last_error_at=errors[-1].last_at if errors else None,
    )


def _is_fresh(
    catalogue: Catalogue,
    source: Source,
    states: Sequence[SourceState],
    failing: Sequence[SourceState],
    last_new_at: datetime | None,
    today: date,
) -> bool:
    if not states or states[-1].state == State.CHANGED:
        return False
    allowed = catalogue.rule(UNREACHABLE_RULE).threshold or 0
    unheard_since = failing[0].began_at if failing else states[-1].last_at  # pulls may not have run at all
    if (today - unheard_since.date()).days > allowed:
        return False
    newest = last_new_at or states[0].began_at
    return source.expected_days is None or (today - newest.date()).days <= source.expected_days
