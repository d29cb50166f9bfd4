"""What a build is told of periods: where each stands on its day, and the values certified by then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from national_kpi.clock import in_hanoi
from national_kpi.errors import BuildError
from national_kpi.ledger.cycle import PeriodEvent
from national_kpi.ledger.period_states import PeriodState, period_events, period_states
from national_kpi.paths import Paths
from national_kpi.warehouse.certified import certified_file


@dataclass(frozen=True)
class CertifiedPeriods:
    """The steps that periods took, as far as a build knows them.

    Attributes:
        events: the steps, in their order.
        values: the file of each certification, by the number of its step.
    """

    events: tuple[PeriodEvent, ...] = ()
    values: Mapping[int, Path] = field(default_factory=dict)

    def rows(self, as_of: date) -> Iterator[dict[str, Any]]:
        """Where each period closed by the end of a day stood then, in the shape of `PERIOD_STATES`."""
        for state in self._states(as_of):
            certification = state.certification
            yield {
                "period_code": state.period_code,
                "state": state.state,
                "closed_on": in_hanoi(state.closed.occurred_at).date(),
                "certified_publication_id": certification and certification.publication_id,
                "certified_on": certification and in_hanoi(certification.occurred_at).date(),
                "certified_by": certification and certification.author,
                "certification_comment": certification and certification.comment,
            }

    def files(self, as_of: date) -> list[Path]:
        """The certified values that counted at the end of a day."""
        certifications = (state.certification for state in self._states(as_of))
        return [self.values[one.event_id] for one in certifications if one]

    def _states(self, as_of: date) -> list[PeriodState]:
        known = (event for event in self.events if in_hanoi(event.occurred_at).date() <= as_of)
        return list(period_states(known).values())


def read_certified_periods(session: Session, paths: Paths, newest_id: int) -> CertifiedPeriods:
    """Read the steps that periods took.

    Args:
        session: the ledger.
        paths: the platform's folders.
        newest_id: no further than this step.

    Raises:
        BuildError: certified values that the ledger names are missing.
    """
    events = tuple(period_events(session, newest_id))
    values = {
        event.event_id: certified_file(paths, event.period_code, event.publication_id)
        for event in events
        if event.kind == "certified"
    }
    for file in values.values():
        if not file.is_file():
            raise BuildError(
                "values that were certified are missing",
                where=str(file),
                remedy="restore the archive from a backup; `kpi period verify` lists what is missing",
            )
    return CertifiedPeriods(events, values)
