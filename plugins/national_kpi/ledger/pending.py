"""What was accepted and has not reached the readers yet."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from national_kpi.ledger.models import Build, Publication, Submission


def _accepted_since_newest(session: Session, *, published_only: bool) -> int:
    """Counted by the numbers of decisions, not by the clock: a batch decides while a build exports."""
    seen = select(func.max(Build.input_sequence))
    if published_only:
        seen = seen.join(Publication, Publication.build_id == Build.build_id)
    accepted = select(func.count()).where(
        Submission.revision.is_not(None), Submission.decision_number > (session.scalar(seen) or 0)
    )
    return session.scalar(accepted) or 0


def awaiting_build(session: Session) -> int:
    """How many accepted submissions the newest build has not seen, whatever became of that build."""
    return _accepted_since_newest(session, published_only=False)


def awaiting_publication(session: Session) -> int:
    """How many accepted submissions the newest published build has not seen."""
    return _accepted_since_newest(session, published_only=True)
