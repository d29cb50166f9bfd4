"""Certifying, reopening and reverting reporting periods: who decided what about which publication.

A person certifies a closed period; from then on its values are final, and what comes later is told as a
restatement. A certified period can be reopened and certified anew, or the reopening be given up.
"""

from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.cycle.closing import closing_days, is_after, newest_publication, write_event
from national_kpi.errors import CertificationError, require_texts
from national_kpi.ledger.audit import newest_event, record
from national_kpi.ledger.cycle import AuditEvent, PeriodEvent
from national_kpi.ledger.models import Build, Publication
from national_kpi.ledger.period_states import PeriodState, period_events, period_states
from national_kpi.ledger.session import one_at_a_time
from national_kpi.paths import Paths
from national_kpi.periods import parse_period
from national_kpi.warehouse.certified import Seal, keep_certified
from national_kpi.warehouse.publish import publishing_lock


def candidate(paths: Paths, engine: Engine, period_code: str) -> str:
    """The publication that would be certified now: the provisional one, of a reopened period the newest.

    Raises:
        CertificationError: the period does not wait to be certified.
    """
    with Session(engine) as session:
        return _candidate(session, paths, _waiting(session, period_code)).publication_id


def certify(
    paths: Paths,
    engine: Engine,
    period_code: str,
    *,
    author: str,
    comment: str,
    now: datetime,
    publication_id: str | None = None,
) -> PeriodEvent:
    """Make the values that a publication has for a period final, and keep that publication for good.

    The same repeated for a certification that stands gives that certification again.

    Args:
        paths: the platform's folders.
        engine: the ledger.
        period_code: which period; it must be provisional or reopened.
        author: who certifies it.
        comment: what readers are told with it.
        now: the present moment.
        publication_id: which publication; by default the one that `candidate` names.

    Raises:
        CertificationError: the period does not wait to be certified, or not with this publication.
        PublishError: a publication takes too long.
    """
    author, comment = _given(author, "--author"), _given(comment, "--comment")
    code = parse_period(period_code).code
    with publishing_lock(paths):
        with Session(engine) as session:
            if done := _certified_so(session, code, author, comment, publication_id):
                return done
            state = _waiting(session, code)
            publication = _chosen(session, paths, state, publication_id)
        seal = keep_certified(paths, publication, code)
        with one_at_a_time(engine) as session:
            if _waiting(session, code).newest.event_id != state.newest.event_id:
                raise CertificationError(
                    f"somebody else decided about period {code} at the same time",
                    remedy="look at it again (`kpi period list`)",
                )
            event = PeriodEvent(
                period_code=code,
                kind="certified",
                publication_id=publication.publication_id,
                author=author,
                comment=comment,
                occurred_at=now,
            )
            return write_event(session, "certify", event, _proof(session, publication, seal))


def decline(engine: Engine, period_code: str, *, author: str, comment: str, now: datetime) -> None:
    """Write into the audit that somebody would not certify a period; it stays as it is.

    Raises:
        CertificationError: the period does not wait to be certified.
    """
    author, comment = _given(author, "--author"), _given(comment, "--comment")
    code = parse_period(period_code).code
    with one_at_a_time(engine) as session:
        state = _waiting(session, code)
        details = {"comment": comment, "state": state.state, "event_id": state.newest.event_id}
        last = session.scalar(
            select(AuditEvent).where(AuditEvent.subject == code).order_by(AuditEvent.number.desc()).limit(1)
        )
        if last is None or (last.action, last.actor, last.details) != ("decline", author, details):
            record(session, actor=author, action="decline", subject=code, details=details, now=now)


def reopen(engine: Engine, period_code: str, *, author: str, reason: str, now: datetime) -> PeriodEvent:
    """Let a certified period be certified anew. Until then the values certified before go on counting.

    Raises:
        CertificationError: the period is not certified.
    """
    return _step(engine, period_code, "reopened", "reopen", author, reason, now)


def revert(engine: Engine, period_code: str, *, author: str, reason: str, now: datetime) -> PeriodEvent:
    """Give up a reopening: the certification before it stands again.

    Raises:
        CertificationError: the period is not reopened.
    """
    return _step(engine, period_code, "reverted", "revert", author, reason, now)


_NEEDS = {"reopened": "certified", "reverted": "reopened"}


def _step(
    engine: Engine, period_code: str, kind: str, action: str, author: str, reason: str, now: datetime
) -> PeriodEvent:
    author, reason = _given(author, "--author"), _given(reason, "--reason")
    code = parse_period(period_code).code
    with one_at_a_time(engine) as session:
        state = _closed(session, code)
        if state.state != _NEEDS[kind] or state.certification is None:
            raise CertificationError(
                f"period {code} is {state.state}, not {_NEEDS[kind]}",
                remedy="`kpi period list` shows where periods stand",
            )
        event = PeriodEvent(
            period_code=code,
            kind=kind,
            publication_id=state.certification.publication_id,
            author=author,
            comment=reason,
            occurred_at=now,
        )
        return write_event(session, action, event, {})


def _closed(session: Session, code: str) -> PeriodState:
    state = period_states(period_events(session)).get(code)
    if state is None:
        raise CertificationError(
            f"period {code} is not closed",
            remedy="it closes on the first publication after its last day for reports (`kpi period close`)",
        )
    return state


def _waiting(session: Session, period_code: str) -> PeriodState:
    state = _closed(session, parse_period(period_code).code)
    if state.state == "certified":
        by = state.certification.author if state.certification else ""
        raise CertificationError(
            f"period {state.period_code} is certified already, by {by}",
            remedy="`kpi period reopen` lets it be certified anew",
        )
    return state


def _candidate(session: Session, paths: Paths, state: PeriodState) -> Publication:
    if state.state == "provisional":
        return session.get_one(Publication, state.newest.publication_id)
    newest = newest_publication(session, paths, closing_days(session)[state.period_code])
    if newest is None:
        raise CertificationError(
            f"there is no publication with which period {state.period_code} could be certified",
            remedy="run `kpi build` and `kpi publish`",
        )
    return newest


def _chosen(session: Session, paths: Paths, state: PeriodState, publication_id: str | None) -> Publication:
    if publication_id is None:
        return _candidate(session, paths, state)
    found = session.get(Publication, publication_id)
    if found is None:
        raise CertificationError(f"there is no publication {publication_id}", where="--publication")
    build = session.get_one(Build, found.build_id)
    if not is_after(found, build, closing_days(session)[state.period_code]):
        raise CertificationError(
            f"publication {publication_id} was made before period {state.period_code} had closed",
            where="--publication",
            remedy="name one that was made afterwards",
        )
    return found


def _certified_so(
    session: Session, code: str, author: str, comment: str, publication_id: str | None
) -> PeriodEvent | None:
    """The certification that stands, if it is this very one."""
    state = period_states(period_events(session)).get(code)
    event = state.newest if state and state.newest.kind == "certified" else None
    if event is None or (event.author, event.comment) != (author, comment):
        return None
    return event if publication_id in (None, event.publication_id) else None


def _given(value: str, option: str) -> str:
    require_texts({option: value}, CertificationError, "say who decides, and why")
    return value.strip()


def _proof(session: Session, publication: Publication, seal: Seal) -> dict[str, str | None]:
    """What ties the certification to the publication, and both to everything audited before."""
    newest = newest_event(session)
    return {
        "fingerprint_sha256": seal.fingerprint_sha256,
        "values_sha256": seal.values_sha256,
        "catalogue_sha256": publication.catalogue_sha256,
        "audit_sha256": newest.sha256 if newest else None,
    }
