"""Extensions: more time for a report that is owed, granted by somebody for a reason.

The deadline itself never changes: whether a report came in time is still told by it, and the extension is
shown beside it.
"""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.clock import in_hanoi
from national_kpi.errors import CycleError, require_texts
from national_kpi.ledger.audit import record
from national_kpi.ledger.cycle import Extension
from national_kpi.ledger.models import Obligation
from national_kpi.ledger.session import one_at_a_time
from national_kpi.periods import parse_period
from national_kpi.working_days import WorkingDays


def extend(
    engine: Engine,
    catalogue: Catalogue,
    *,
    agency_code: str,
    form_code: str,
    period_code: str,
    extended_to: date | None,
    reason: str,
    approver: str,
    now: datetime,
) -> Extension:
    """Grant an agency more time for one report, or take that back.

    Args:
        engine: the ledger, with its periods opened.
        catalogue: says which days are worked.
        agency_code: whose report.
        form_code: of which form.
        period_code: for which period.
        extended_to: the new last day in time; None takes back what was granted.
        reason: why, for everybody who reads the report's state.
        approver: who answers for it.
        now: the present moment.

    Raises:
        CycleError: no such report is owed, the day cannot be granted, or there is nothing to take back.
    """
    require_texts({"--reason": reason, "--approver": approver}, CycleError)
    with one_at_a_time(engine) as session:
        obligation = _find(session, agency_code, form_code, parse_period(period_code).code)
        granted = extensions_of(session, [obligation.obligation_id]).get(obligation.obligation_id)
        if extended_to is None:
            if granted is None:
                raise CycleError("no extension was granted that could be taken back")
        else:
            _check_day(obligation, extended_to, in_hanoi(now).date(), WorkingDays(catalogue.working_days))
        kept = Extension(
            obligation_id=obligation.obligation_id,
            extended_to=extended_to,
            reason=reason.strip(),
            approver=approver.strip(),
            granted_at=now,
        )
        session.add(kept)
        record(
            session,
            actor=kept.approver,
            action="extend" if extended_to else "withdraw_extension",
            subject=f"{obligation.agency_id} {form_code} {obligation.period_code}",
            details={
                "due_on": obligation.due_on.isoformat(),
                "extended_to": extended_to and extended_to.isoformat(),
                "reason": kept.reason,
            },
            now=now,
        )
        return kept


def _find(session: Session, agency_code: str, form_code: str, period_code: str) -> Obligation:
    obligation = session.scalar(
        select(Obligation).where(
            Obligation.agency_id.startswith(f"{agency_code}@", autoescape=True),
            Obligation.form_code == form_code,
            Obligation.period_code == period_code,
        )
    )
    if obligation is None:
        raise CycleError(
            f"agency {agency_code} owes no report of form {form_code} for {period_code}",
            remedy=f"`kpi status --period {period_code}` lists who owes what",
        )
    return obligation


def _check_day(obligation: Obligation, extended_to: date, today: date, working_days: WorkingDays) -> None:
    if extended_to <= obligation.due_on:
        raise CycleError(
            f"{extended_to} is no extension: the report is due on {obligation.due_on}",
            where="--to",
            remedy="give a later day",
        )
    if extended_to < today:
        raise CycleError(f"{extended_to} is past", where="--to", remedy="give a day that is still to come")
    if not working_days.is_working(extended_to):
        raise CycleError(
            f"{extended_to} is a day off",
            where="--to",
            remedy=f"give a working day, such as {working_days.after(extended_to, 0)}",
        )


def extensions_of(
    session: Session, obligation_ids: Iterable[int], until: datetime | None = None
) -> dict[int, Extension]:
    """The extension that counts for each of these obligations; one that was taken back is left out.

    Args:
        session: a transaction on the ledger.
        obligation_ids: the obligations asked about.
        until: what was granted later is not looked at.
    """
    wanted = select(Extension).where(Extension.obligation_id.in_(set(obligation_ids)))
    if until:
        wanted = wanted.where(Extension.granted_at <= until)
    newest = {one.obligation_id: one for one in session.scalars(wanted.order_by(Extension.extension_id))}
    return {key: one for key, one in newest.items() if one.extended_to}
