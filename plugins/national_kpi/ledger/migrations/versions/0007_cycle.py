"""The reporting cycle: extensions, certified periods, reminders, briefs, working sessions, and the audit."""

import sqlalchemy as sa
from alembic import op

from national_kpi.ledger.models import Moment

revision = "0007"
down_revision = "0006"

_REFUSE_ON_SQLITE = """
create trigger audit_events_refuse_{0} before {0} on audit_events
begin select raise(abort, 'the audit only grows'); end
"""
_REFUSE_ON_POSTGRESQL = """
create function audit_events_refuse() returns trigger language plpgsql as
$$ begin raise exception 'the audit only grows'; end $$;
create trigger audit_events_refuse before update or delete or truncate on audit_events
for each statement execute function audit_events_refuse()
"""


def upgrade() -> None:
    """Create the tables; the audit refuses every change of a row."""
    op.create_table(
        "audit_events",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("occurred_at", Moment(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous_sha256", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_events")),
        sa.UniqueConstraint("sha256", name=op.f("uq_audit_events_sha256")),
    )
    op.create_index(op.f("ix_audit_events_action"), "audit_events", ["action"], unique=False)
    op.create_index(op.f("ix_audit_events_subject"), "audit_events", ["subject"], unique=False)
    op.create_table(
        "brief_issues",
        sa.Column("issue_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("period_code", sa.String(), nullable=False),
        sa.Column("agency_codes", sa.JSON(), nullable=False),
        sa.Column("previous_issue_id", sa.String(), nullable=True),
        sa.Column("content_sha256", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["previous_issue_id"], ["brief_issues.issue_id"], name=op.f("fk_brief_issues_previous_issue_id")
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_brief_issues")),
    )
    op.create_table(
        "messages",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("queued_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_state"), "messages", ["state"], unique=False)
    op.create_table(
        "reminders",
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.Column("agency_code", sa.String(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("is_escalated", sa.Boolean(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("reminder_id", name=op.f("pk_reminders")),
        sa.UniqueConstraint("agency_code", "sent_on", name=op.f("uq_reminders_agency_code")),
    )
    op.create_table(
        "extensions",
        sa.Column("extension_id", sa.Integer(), nullable=False),
        sa.Column("obligation_id", sa.Integer(), nullable=False),
        sa.Column("extended_to", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("approver", sa.String(), nullable=False),
        sa.Column("granted_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["obligation_id"], ["obligations.obligation_id"], name=op.f("fk_extensions_obligation_id")
        ),
        sa.PrimaryKeyConstraint("extension_id", name=op.f("pk_extensions")),
    )
    op.create_index(op.f("ix_extensions_obligation_id"), "extensions", ["obligation_id"], unique=False)
    op.create_table(
        "reminder_items",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.Column("obligation_id", sa.Integer(), nullable=False),
        sa.Column("stage_code", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["obligation_id"], ["obligations.obligation_id"], name=op.f("fk_reminder_items_obligation_id")
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminders.reminder_id"], name=op.f("fk_reminder_items_reminder_id")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_reminder_items")),
        sa.UniqueConstraint(
            "obligation_id", "stage_code", "due_on", name=op.f("uq_reminder_items_obligation_id")
        ),
    )
    op.create_index(op.f("ix_reminder_items_reminder_id"), "reminder_items", ["reminder_id"], unique=False)
    op.create_table(
        "reminder_reports",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.String(), nullable=False),
        sa.Column("stage_code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.submission_id"], name=op.f("fk_reminder_reports_submission_id")
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminders.reminder_id"], name=op.f("fk_reminder_reports_reminder_id")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_reminder_reports")),
        sa.UniqueConstraint("submission_id", "stage_code", name=op.f("uq_reminder_reports_submission_id")),
    )
    op.create_index(
        op.f("ix_reminder_reports_reminder_id"), "reminder_reports", ["reminder_id"], unique=False
    )
    op.create_table(
        "period_events",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("period_code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("publication_id", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("occurred_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.publication_id"], name=op.f("fk_period_events_publication_id")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_period_events")),
    )
    op.create_index(op.f("ix_period_events_period_code"), "period_events", ["period_code"], unique=False)
    op.create_table(
        "restatement_notices",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("period_code", sa.String(), nullable=False),
        sa.Column("certified_id", sa.String(), nullable=False),
        sa.Column("publication_id", sa.String(), nullable=False),
        sa.Column("changes_count", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certified_id"],
            ["publications.publication_id"],
            name=op.f("fk_restatement_notices_certified_id"),
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.publication_id"],
            name=op.f("fk_restatement_notices_publication_id"),
        ),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_restatement_notices")),
        sa.UniqueConstraint("period_code", "publication_id", name=op.f("uq_restatement_notices_period_code")),
    )
    op.create_index(
        op.f("ix_restatement_notices_period_code"), "restatement_notices", ["period_code"], unique=False
    )
    op.create_table(
        "working_sessions",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("chair", sa.String(), nullable=False),
        sa.Column("agency_codes", sa.JSON(), nullable=False),
        sa.Column("legal_basis", sa.String(), nullable=False),
        sa.Column("content_sha256", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_working_sessions")),
    )
    op.create_index(
        op.f("ix_working_sessions_legal_basis"), "working_sessions", ["legal_basis"], unique=False
    )
    op.create_table(
        "conclusions",
        sa.Column("conclusion_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_vi", sa.String(), nullable=False),
        sa.Column("agency_ids", sa.JSON(), nullable=False),
        sa.Column("responsible_vi", sa.String(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("amends", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["working_sessions.session_id"], name=op.f("fk_conclusions_session_id")
        ),
        sa.ForeignKeyConstraint(["amends"], ["conclusions.code"], name=op.f("fk_conclusions_amends")),
        sa.PrimaryKeyConstraint("conclusion_id", name=op.f("pk_conclusions")),
        sa.UniqueConstraint("code", name=op.f("uq_conclusions_code")),
    )
    op.create_index(op.f("ix_conclusions_session_id"), "conclusions", ["session_id"], unique=False)
    op.create_table(
        "conclusion_withdrawals",
        sa.Column("withdrawal_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["conclusions.code"], name=op.f("fk_conclusion_withdrawals_code")),
        sa.PrimaryKeyConstraint("withdrawal_id", name=op.f("pk_conclusion_withdrawals")),
        sa.UniqueConstraint("code", name=op.f("uq_conclusion_withdrawals_code")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_REFUSE_ON_POSTGRESQL)
    else:
        for change in ("update", "delete"):
            op.execute(_REFUSE_ON_SQLITE.format(change))


def downgrade() -> None:
    """Drop them."""
    op.drop_table("conclusion_withdrawals")
    op.drop_index(op.f("ix_conclusions_session_id"), table_name="conclusions")
    op.drop_table("conclusions")
    op.drop_index(op.f("ix_working_sessions_legal_basis"), table_name="working_sessions")
    op.drop_table("working_sessions")
    op.drop_index(op.f("ix_restatement_notices_period_code"), table_name="restatement_notices")
    op.drop_table("restatement_notices")
    op.drop_index(op.f("ix_period_events_period_code"), table_name="period_events")
    op.drop_table("period_events")
    op.drop_index(op.f("ix_reminder_reports_reminder_id"), table_name="reminder_reports")
    op.drop_table("reminder_reports")
    op.drop_index(op.f("ix_reminder_items_reminder_id"), table_name="reminder_items")
    op.drop_table("reminder_items")
    op.drop_index(op.f("ix_extensions_obligation_id"), table_name="extensions")
    op.drop_table("extensions")
    op.drop_table("reminders")
    op.drop_index(op.f("ix_messages_state"), table_name="messages")
    op.drop_table("messages")
    op.drop_table("brief_issues")
    op.drop_index(op.f("ix_audit_events_subject"), table_name="audit_events")
    op.drop_index(op.f("ix_audit_events_action"), table_name="audit_events")
    op.drop_table("audit_events")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function audit_events_refuse()")
