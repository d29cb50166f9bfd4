"""What was accepted and has not reached the readers yet."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from national_kpi.clock import in_hanoi
from national_kpi.ledger.models import Build, Publication, Submission


def _accepted_since_newest(session: Session, *, published_only: bool) -> int:
    """Counted by the numbers of decisions, not by the clock: a batch goes on deciding while a build runs."""
    builds = select(Build.input_sequence, Build.started_at, Build.as_of)
    if published_only:
        builds = builds.join(Publication, Publication.build_id == Build.build_id)
    # A build that looks from an earlier day leaves out what came later.
    seen = [number for number, at, as_of in session.execute(builds) if as_of >= in_hanoi(at).date()]
    accepted = select(func.count()).where(
        Submission.revision.is_not(None), Submission.decision_number > max(seen, default=0)
    )
    return session.scalar(accepted) or 0


def awaiting_build(session: Session) -> int:
    """How many accepted submissions the newest build has not seen, whatever became of that build."""
    return _accepted_since_newest(session, published_only=False)


def awaiting_publication(session: Session) -> int:
    """How many accepted submissions the newest published build has not seen."""
    return _accepted_since_newest(session, published_only=True)
