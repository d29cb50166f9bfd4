"""What intake asks the ledger."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from national_kpi.deadlines import Deadline
from national_kpi.ledger.models import Obligation, Pull, Receipt, Submission
from national_kpi.periods import Period, parse_period, previous_period

SIMULATED = "simulated"
"""Origin of everything in a home of simulated data."""


def last_good(session: Session, reported_by: str, form_code: str, period_code: str) -> Submission | None:
    """The accepted revision that stands for this agency, form and period; None when there is none."""
    return session.scalar(
        select(Submission)
        .where(
            Submission.reported_by == reported_by,
            Submission.form_code == form_code,
            Submission.period_code == period_code,
            Submission.revision.is_not(None),
        )
        .order_by(Submission.revision.desc())
        .limit(1)
    )


def last_good_before(session: Session, reported_by: str, form_code: str, period: Period) -> Submission | None:
    """What stands for this agency and form for the period before; None when there is nothing.

    Before a named period comes the one of its kind; before a window the longest one that begins on the same
    day; before a stock the one of the latest day.
    """
    if previous := previous_period(period):
        return last_good(session, reported_by, form_code, previous.code)
    codes = session.scalars(
        select(Submission.period_code)
        .where(
            Submission.reported_by == reported_by,
            Submission.form_code == form_code,
            Submission.revision.is_not(None),
        )
        .distinct()
    )
    others = (parse_period(code) for code in codes if code)
    earlier = [one for one in others if one.start == period.start and one.end < period.end]
    latest = max(earlier, key=lambda one: one.end, default=None)
    return last_good(session, reported_by, form_code, latest.code) if latest else None


def last_receipt(session: Session, agency_code: str) -> Receipt | None:
    """The newest receipt of a folder: the next one is numbered after it and carries its hash."""
    return session.scalar(
        select(Receipt).where(Receipt.agency_code == agency_code).order_by(Receipt.number.desc()).limit(1)
    )


def receipts_of(session: Session, agency_code: str) -> Sequence[Receipt]:
    """All receipts of a folder, in the order of their numbers."""
    chosen = select(Receipt).where(Receipt.agency_code == agency_code).order_by(Receipt.number)
    return session.scalars(chosen).all()


def receipt_of(session: Session, submission_id: str) -> Receipt | None:
    """The receipt of a submission; None before the decision."""
    return session.scalar(select(Receipt).where(Receipt.submission_id == submission_id))


def undecided(session: Session) -> list[Submission]:
    """Submissions that were received and not yet decided, oldest first."""
    return list(
        session.scalars(
            select(Submission).where(Submission.state == "received").order_by(Submission.received_at)
        )
    )


def opened_deadlines(session: Session, submission: Submission) -> dict[str, Deadline]:
    """Who owes a report of this form for this period, by agency_id; empty when the period was not opened."""
    rows = session.execute(
        select(Obligation.agency_id, Obligation.cutoff_on, Obligation.due_on, Obligation.closes_on).where(
            Obligation.form_code == submission.form_code, Obligation.period_code == submission.period_code
        )
    )
    return {
        agency_id: Deadline(cutoff_on, due_on, closes_on) for agency_id, cutoff_on, due_on, closes_on in rows
    }


def first_origin(session: Session) -> str | None:
    """Where the ledger's first submission came from; None while there is none."""
    return session.scalar(select(Submission.origin).order_by(Submission.submission_id).limit(1))


def origin_of(session: Session, sha256: str, file_name: str) -> str:
    """`source:<source_id>` when a source delivered these bytes under this name, else `drop`."""
    source_id = session.scalar(
        select(Pull.source_id)
        .where(Pull.sha256 == sha256, Pull.file_name == file_name)
        .order_by(Pull.pull_id.desc())
        .limit(1)
    )
    return f"source:{source_id}" if source_id else "drop"


def decisions_count(session: Session) -> int:
    """How many submissions have been decided, which is also the number of the newest decision."""
    return session.scalar(select(func.max(Submission.decision_number))) or 0
