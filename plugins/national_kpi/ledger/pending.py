"""What has reached the readers, and what was accepted and has not."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from national_kpi.clock import in_hanoi
from national_kpi.ledger.models import Build, Publication, SourceState, Submission


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


def is_all_published(engine: Engine) -> bool:
    """Whether readers have everything that was accepted."""
    with Session(engine) as session:
        return awaiting_publication(session) == 0


def published_sequence(session: Session) -> int:
    """The number of the newest decision that readers have been given; 0 before the first publication."""
    published = select(func.max(Build.input_sequence)).join(Publication)
    return session.scalar(published) or 0


def accepted_between(session: Session, after: int, upto: int) -> Sequence[Submission]:
    """Submissions accepted by decisions of these numbers, in that order.

    Args:
        session: the ledger.
        after: the number of the last decision before.
        upto: the number of the last one.
    """
    return session.scalars(
        select(Submission)
        .where(
            Submission.revision.is_not(None),
            Submission.decision_number > after,
            Submission.decision_number <= upto,
        )
        .order_by(Submission.decision_number)
    ).all()


def newest_publication(session: Session) -> Publication | None:
    """What readers see; None before the first publication."""
    return session.scalar(select(Publication).order_by(Publication.publication_id.desc()).limit(1))


def sources_last_good(session: Session) -> dict[str, datetime]:
    """When a pull of each source last went well; a source that never answered is not listed."""
    good = select(SourceState.source_id, func.max(SourceState.last_at)).where(SourceState.state == "good")
    return dict(session.execute(good.group_by(SourceState.source_id)).tuples().all())
