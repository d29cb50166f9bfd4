"""The ledger's tables of the reporting cycle: what people decided, what was sent, and the audit of both.

Rows are only ever added, but for the state of a message on its way. Change a table together with a migration
in `ledger/migrations/`.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from national_kpi.ledger.models import Base


class AuditEvent(Base):
    """Somebody did something. Each event carries the hash of the one before; the database refuses changes.

    `actor` is a person as named in the decision, the code of the agency whose folder a file came through, or
    `platform`. `subject` tells what it was done to, `details` what was decided.
    """

    __tablename__ = "audit_events"

    number: Mapped[int] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(index=True)
    details: Mapped[dict[str, Any]]
    previous_sha256: Mapped[str | None]
    sha256: Mapped[str] = mapped_column(unique=True)


class Extension(Base):
    """More time for one report that is owed; the newest row of an obligation counts.

    `extended_to` is the new last day in time; None takes the extension back.
    """

    __tablename__ = "extensions"

    extension_id: Mapped[int] = mapped_column(primary_key=True)
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligations.obligation_id"), index=True)
    extended_to: Mapped[date | None]
    reason: Mapped[str]
    approver: Mapped[str]
    granted_at: Mapped[datetime]


class PeriodEvent(Base):
    """A step of a reporting period: `closed`, `certified`, `reopened` or `reverted`.

    `closed` freezes the publication as provisional, `certified` makes it final, `reopened` lets the period be
    certified anew, and `reverted` gives that up: the publication certified before stands again.
    """

    __tablename__ = "period_events"

    event_id: Mapped[int] = mapped_column(primary_key=True)
    period_code: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.publication_id"))
    author: Mapped[str]
    comment: Mapped[str]
    occurred_at: Mapped[datetime]


class RestatementNotice(Base):
    """A publication changed what an earlier one had certified of a period."""

    __tablename__ = "restatement_notices"

    notice_id: Mapped[int] = mapped_column(primary_key=True)
    period_code: Mapped[str] = mapped_column(index=True)
    certified_id: Mapped[str] = mapped_column(ForeignKey("publications.publication_id"))
    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.publication_id"))
    changes_count: Mapped[int]
    body: Mapped[dict[str, Any]]
    issued_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("period_code", "publication_id"),)


class Reminder(Base):
    """One agency urged on one day, for each report at a stage only once.

    `items` are reports it owes itself, `reports` those of units that it was told of.
    """

    __tablename__ = "reminders"

    reminder_id: Mapped[int] = mapped_column(primary_key=True)
    agency_code: Mapped[str]
    sent_on: Mapped[date]
    is_escalated: Mapped[bool]
    body: Mapped[dict[str, Any]]

    items: Mapped[list["ReminderItem"]] = relationship(cascade="all, delete-orphan")
    reports: Mapped[list["ReminderReport"]] = relationship(cascade="all, delete-orphan")

    __table_args__ = (UniqueConstraint("agency_code", "sent_on"),)


class ReminderItem(Base):
    """One report owed of which an agency was reminded, counted from the day it was due by then."""

    __tablename__ = "reminder_items"

    item_id: Mapped[int] = mapped_column(primary_key=True)
    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminders.reminder_id"), index=True)
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligations.obligation_id"))
    stage_code: Mapped[str]
    due_on: Mapped[date]

    __table_args__ = (UniqueConstraint("obligation_id", "stage_code", "due_on"),)


class ReminderReport(Base):
    """One unit's report that an agency was told of at a stage.

    Its focal point is told that it waits, on its arrival or at a stage before its period closes; the unit,
    that it was `returned`.
    """

    __tablename__ = "reminder_reports"

    item_id: Mapped[int] = mapped_column(primary_key=True)
    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminders.reminder_id"), index=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.submission_id"))
    stage_code: Mapped[str]

    __table_args__ = (UniqueConstraint("submission_id", "stage_code"),)


class Message(Base):
    """An e-mail, written in the transaction that decided on it and sent afterwards, at most once.

    `state` is `queued`, `sending` while the server has it, then `sent` or `refused`. One found `sending`
    after a crash may have gone out: it becomes `unconfirmed` and is not sent again.
    """

    __tablename__ = "messages"

    message_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    trouble: Mapped[str | None]


class BriefIssue(Base):
    """A brief that was issued. `content_sha256` covers all of it but the issue stamp."""

    __tablename__ = "brief_issues"

    issue_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    as_of: Mapped[date]
    period_code: Mapped[str]
    agency_codes: Mapped[list[str]] = mapped_column(JSON)
    previous_issue_id: Mapped[str | None] = mapped_column(ForeignKey("brief_issues.issue_id"))
    content_sha256: Mapped[str]
    body: Mapped[dict[str, Any]]
    issued_by: Mapped[str]
    issued_at: Mapped[datetime]


class WorkingSession(Base):
    """A working session of the task force. `legal_basis` is the document that announces its conclusions.

    `agency_codes` took part. `content_sha256` covers all that was given: the same given again is known.
    """

    __tablename__ = "working_sessions"

    session_id: Mapped[int] = mapped_column(primary_key=True)
    held_on: Mapped[date]
    chair: Mapped[str]
    agency_codes: Mapped[list[str]] = mapped_column(JSON)
    legal_basis: Mapped[str] = mapped_column(index=True)
    content_sha256: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


class Conclusion(Base):
    """What a working session gave agencies to do. One that `amends` an earlier one replaces it."""

    __tablename__ = "conclusions"

    conclusion_id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("working_sessions.session_id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_vi: Mapped[str]
    agency_ids: Mapped[list[str]] = mapped_column(JSON)
    responsible_vi: Mapped[str]
    deadline: Mapped[date]
    amends: Mapped[str | None] = mapped_column(ForeignKey("conclusions.code"))


class ConclusionWithdrawal(Base):
    """A conclusion that does not hold any more, from a moment on, and why."""

    __tablename__ = "conclusion_withdrawals"

    withdrawal_id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("conclusions.code"), unique=True)
    reason: Mapped[str]
    author: Mapped[str]
    withdrawn_at: Mapped[datetime]
