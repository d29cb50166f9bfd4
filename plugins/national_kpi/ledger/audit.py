"""The audit: who did what when, in a chain that shows whether anything was changed, left out or added."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.clock import in_hanoi
from national_kpi.digests import canonical_sha256
from national_kpi.ledger.cycle import AuditEvent
from national_kpi.ledger.models import Submission

PLATFORM = "platform"
"""The actor of what the platform does by itself."""

AUDITED = ("decision_number", "sha256", "outcome", "reported_by", "form_code", "period_code", "revision")
"""What the audit keeps of the decision on a submission."""


@dataclass(frozen=True)
class Break:
    """A place where the audit does not hold, and what is wrong there."""

    number: int | None
    what: str


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, Any],
    now: datetime,
) -> AuditEvent:
    """Write down what somebody did, in the transaction that does it.

    Args:
        session: a transaction of `ledger.session.one_at_a_time`, so that events are numbered without gaps.
        actor: a person, the code of an agency, or `PLATFORM`.
        action: what was done, a verb such as `extend`.
        subject: what it was done to.
        details: what was decided; dates and numbers as JSON has them.
        now: the present moment.
    """
    before = newest_event(session)
    event = AuditEvent(
        number=before.number + 1 if before else 1,
        occurred_at=now,
        actor=actor,
        action=action,
        subject=subject,
        details=dict(details),
        previous_sha256=before and before.sha256,
    )
    event.sha256 = _seal(event)
    session.add(event)
    session.flush()
    return event


def newest_event(session: Session) -> AuditEvent | None:
    """The last event of the chain; None while nothing has happened."""
    return session.scalar(select(AuditEvent).order_by(AuditEvent.number.desc()).limit(1))


def check_audit(session: Session) -> Iterator[Break]:
    """Where the chain does not hold, and which decisions of intake it lacks."""
    before: AuditEvent | None = None
    for event in session.scalars(select(AuditEvent).order_by(AuditEvent.number)):
        yield from (Break(event.number, what) for what in _wrong(event, before))
        before = event
    yield from _unaudited(session)


def _wrong(event: AuditEvent, before: AuditEvent | None) -> Iterator[str]:
    expected = before.number + 1 if before else 1
    if event.number != expected:
        yield f"event {expected} is missing before it"
    elif event.previous_sha256 != (before and before.sha256):
        yield f"it follows {event.previous_sha256}, the event before is sealed {before and before.sha256}"
    if (sealed := _seal(event)) != event.sha256:
        yield f"its content gives {sealed}, its seal says {event.sha256}: the content was changed"


def _unaudited(session: Session) -> Iterator[Break]:
    """Decisions on files that are in the ledger and not in the audit, or the other way round."""
    audited = {
        event.subject: event.details
        for event in session.scalars(select(AuditEvent).where(AuditEvent.action == "submit"))
    }
    if not audited:
        return
    first = min(int(details["decision_number"]) for details in audited.values())
    decided = session.scalars(
        select(Submission).where(Submission.decision_number >= first).order_by(Submission.decision_number)
    )
    known = set()
    for submission in decided:
        known.add(submission.submission_id)
        details = audited.get(submission.submission_id)
        if details is None:
            yield Break(None, f"the decision on submission {submission.submission_id} is not in the audit")
            continue
        for name in AUDITED:
            if details[name] != getattr(submission, name):
                yield Break(
                    None,
                    f"submission {submission.submission_id}: the audit says {name} {details[name]!r},"
                    f" the ledger {getattr(submission, name)!r}",
                )
    for submission_id in sorted(audited.keys() - known):
        yield Break(None, f"submission {submission_id} is in the audit and not in the ledger")


def _seal(event: AuditEvent) -> str:
    return canonical_sha256(
        {
            "number": event.number,
            "occurred_at": in_hanoi(event.occurred_at).isoformat(),
            "actor": event.actor,
            "action": event.action,
            "subject": event.subject,
            "details": event.details,
            "previous_sha256": event.previous_sha256,
        }
    )
