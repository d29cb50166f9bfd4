"""What was accepted and has not reached the readers yet."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from national_kpi.clock import in_hanoi
from national_kpi.ledger.models import Build, Publication, Submission


def _accepted_since_newest(session: Session, *, published_only: bool) -> int:
    builds = select(Build.started_at, Build.as_of).order_by(Build.started_at.desc())
    if published_only:
        builds = builds.join(Publication, Publication.build_id == Build.build_id)
    # A build that looks from an earlier day leaves out what came later.
    newest = next((at for at, as_of in session.execute(builds) if as_of >= in_hanoi(at).date()), None)
    accepted = select(func.count()).select_from(Submission).where(Submission.revision.is_not(None))
    if newest is not None:
        accepted = accepted.where(Submission.decided_at >= newest)
    return session.scalar(accepted) or 0


def awaiting_build(session: Session) -> int:
    """How many accepted submissions came after the newest build started, whatever became of that build.

    One decided while a build was exporting may be counted although the build saw it: that costs a build
    more, never a figure.
    """
    return _accepted_since_newest(session, published_only=False)


def awaiting_publication(session: Session) -> int:
    """How many accepted submissions came after the newest published build started."""
    return _accepted_since_newest(session, published_only=True)
