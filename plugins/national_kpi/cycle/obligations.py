"""Opening reporting periods: what is owed is written down once, on the period's first day or soon after."""

import logging
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import ReportingObligation
from national_kpi.clock import in_hanoi
from national_kpi.deadlines import is_bound, set_deadline
from national_kpi.ledger.models import Obligation
from national_kpi.periods import Period, named_periods
from national_kpi.working_days import WorkingDays

log = logging.getLogger(__name__)


def open_periods(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Write down what is owed for every form and period that has begun and was not opened before.

    A form's period that is open already stays as it is, whatever the catalogue says by now: who owes a report
    and when it is due is settled once, so that no rate changes afterwards.

    Args:
        session: a transaction of `ledger.session.one_at_a_time`, so that two processes take turns.
        catalogue: says who owes what.
        now: periods that have begun by this moment, in Hanoi, are opened.

    Returns:
        How many obligations were written down.
    """
    today = in_hanoi(now).date()
    known = {tuple(row) for row in session.execute(select(Obligation.form_code, Obligation.period_code))}
    opened: dict[tuple[str, str, str], Obligation] = {}
    working_days = WorkingDays(catalogue.working_days)
    for rule in catalogue.reporting_obligations:
        for period in _begun(rule, today):
            if (rule.form_code, period.code) in known:
                continue
            deadline = set_deadline(rule, period, working_days)
            for agency in catalogue.agencies:
                if is_bound(rule, agency, period):
                    opened.setdefault(
                        (agency.agency_id, rule.form_code, period.code),
                        Obligation(
                            obligation_code=rule.obligation_code,
                            agency_id=agency.agency_id,
                            form_code=rule.form_code,
                            period_code=period.code,
                            opened_at=now,
                            cutoff_on=deadline.cutoff_on,
                            due_on=deadline.due_on,
                            closes_on=deadline.closes_on,
                        ),
                    )
    session.add_all(opened.values())
    session.flush()
    if opened:
        log.info("%s obligations opened", len(opened))
    return len(opened)


def _begun(rule: ReportingObligation, today: date) -> list[Period]:
    return named_periods(rule.period_kind, rule.valid_from, min(today, rule.valid_to or today))
