"""Working sessions of the task force: what is concluded there becomes tasks of the agencies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from national_kpi.catalogue.tables import Agency
from national_kpi.clock import in_hanoi
from national_kpi.cycle.conclusion_rows import ConclusionRow
from national_kpi.cycle.contacts import Contact, read_contacts
from national_kpi.cycle.context import CycleContext
from national_kpi.cycle.minutes import (
    SEE_RECORDED,
    Minutes,
    amendment_of,
    check_amendments,
    checked,
    owners_of,
    plain,
)
from national_kpi.cycle.task_notices import given_notices, messages, withdrawn_notices
from national_kpi.errors import CycleError, require_texts
from national_kpi.ledger.audit import record
from national_kpi.ledger.cycle import Conclusion, ConclusionWithdrawal, WorkingSession
from national_kpi.ledger.session import one_at_a_time
from national_kpi.tasks import GivenTask, known_until, read_tasks


@dataclass(frozen=True)
class RecordedSession:
    """A session in the ledger. `is_new` is False where the same had been recorded before."""

    session_id: int
    is_new: bool


def record_session(ctx: CycleContext, given: Minutes, *, recorded_by: str, now: datetime) -> RecordedSession:
    """Record a session, give its conclusions to agencies as tasks, and queue the mail that tells them.

    The same given again is recorded once. `task_notices.write_task_notices` then writes the agencies' files.

    Args:
        ctx: the ledger, the agencies, and whom to write to.
        given: what is to be recorded.
        recorded_by: who answers for it.
        now: the present moment.

    Raises:
        CycleError: something does not fit, and where; nothing was recorded.
    """
    require_texts({"--by": recorded_by}, CycleError)
    minutes = checked(given, in_hanoi(now).date())
    recipients = _recipients(ctx)
    with one_at_a_time(ctx.engine) as session:
        in_force = known_until(read_tasks(session), now)
        if before := _recorded_before(session, minutes, in_force):
            return RecordedSession(before.session_id, False)
        check_amendments(minutes, in_force)
        owners = owners_of(ctx.catalogue, minutes, in_force)
        held = WorkingSession(
            session_id=(session.scalar(select(func.max(WorkingSession.session_id))) or 0) + 1,
            held_on=minutes.held_on,
            chair=minutes.chair,
            agency_codes=list(minutes.agency_codes),
            legal_basis=minutes.legal_basis,
            content_sha256=minutes.sha256,
            recorded_by=plain(recorded_by),
            recorded_at=now,
        )
        session.add(held)
        session.flush()
        for number, (placed, agencies) in enumerate(zip(minutes.conclusions, owners, strict=True), start=1):
            session.add(_conclusion(held.session_id, number, placed.row, agencies))
            session.flush()  # one by one, so that they are numbered in their order
        tasks = [task for task in read_tasks(session) if task.session_id == held.session_id]
        session.add_all(messages(given_notices(ctx.catalogue, tasks, in_force), recipients, now))
        record(
            session,
            actor=held.recorded_by,
            action="record_session",
            subject=f"session {held.session_id}",
            details={
                "held_on": held.held_on.isoformat(),
                "chair": held.chair,
                "agency_codes": held.agency_codes,
                "legal_basis": held.legal_basis,
                "conclusions": [_told(task) for task in tasks],
            },
            now=now,
        )
        return RecordedSession(held.session_id, True)


def withdraw_conclusion(
    ctx: CycleContext, code: str, *, reason: str, author: str, now: datetime
) -> GivenTask:
    """Let a conclusion hold no longer, from today on. The one it had replaced holds again.

    Args:
        ctx: the ledger, the agencies, and whom to write to.
        code: the conclusion's.
        reason: why, for the agencies it was for.
        author: who answers for it.
        now: the present moment.

    Raises:
        CycleError: it does not hold, or another replaces it.
    """
    require_texts({"--reason": reason, "--by": author}, CycleError)
    recipients = _recipients(ctx)
    with one_at_a_time(ctx.engine) as session:
        in_force = known_until(read_tasks(session), now)
        if code not in {task.code for task in in_force}:
            raise CycleError(f"no conclusion in force has the code {code!r}", remedy=SEE_RECORDED)
        if later := amendment_of(in_force, code):
            what = f"{code} has been replaced by {later.code}"
            raise CycleError(what, remedy=f"withdraw {later.code} first")
        withdrawal = ConclusionWithdrawal(
            code=code, reason=plain(reason), author=plain(author), withdrawn_at=now
        )
        session.add(withdrawal)
        session.flush()
        task = next(task for task in read_tasks(session) if task.code == code)
        session.add_all(messages(withdrawn_notices(ctx.catalogue, [task]), recipients, now))
        record(
            session,
            actor=withdrawal.author,
            action="withdraw_conclusion",
            subject=code,
            details={"reason": withdrawal.reason, "holds_again": task.amends},
            now=now,
        )
        return task


def _recipients(ctx: CycleContext) -> list[Contact]:
    """Whom to write to, read before anything is decided."""
    if not ctx.sends_mail:
        return []
    return read_contacts(ctx.paths.contacts, (row.agency_code for row in ctx.catalogue.agencies))


def _recorded_before(
    session: Session, minutes: Minutes, in_force: Sequence[GivenTask]
) -> WorkingSession | None:
    """The session of the same document, while any of its conclusions holds.

    Raises:
        CycleError: it was recorded as something else.
    """
    holding = {task.session_id for task in in_force}
    known = select(WorkingSession).where(
        WorkingSession.legal_basis == minutes.legal_basis, WorkingSession.session_id.in_(holding)
    )
    before = session.scalar(known)
    if before and before.content_sha256 != minutes.sha256:
        codes = ", ".join(task.code for task in in_force if task.session_id == before.session_id)
        raise CycleError(
            f"{minutes.legal_basis} is recorded as session {before.session_id} and says something else there",
            where="--basis",
            remedy=f"where it was recorded wrongly, withdraw {codes} and record it anew",
        )
    return before


def _conclusion(session_id: int, number: int, row: ConclusionRow, owners: Sequence[Agency]) -> Conclusion:
    return Conclusion(
        session_id=session_id,
        code=f"TCT-{session_id:03}-{number:02}",
        name_vi=row.task,
        agency_ids=[agency.agency_id for agency in owners],
        responsible_vi=row.responsible or "; ".join(agency.name_vi for agency in owners),
        deadline=row.deadline,
        amends=row.amends,
    )


def _told(task: GivenTask) -> Mapping[str, object]:
    return {
        "code": task.code,
        "task": task.name_vi,
        "agency_ids": list(task.agency_ids),
        "responsible": task.responsible_vi,
        "deadline": task.deadline.isoformat(),
        "amends": task.amends,
    }
