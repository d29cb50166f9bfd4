"""The history of findings that the models made, and what was decided about findings."""

import sqlalchemy as sa
from alembic import op

from national_kpi.ledger.models import Moment

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "detected_findings",
        sa.Column("finding_key", sa.String(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("place_key", sa.String(), nullable=False),
        sa.Column("first_seen_on", sa.Date(), nullable=False),
        sa.Column("last_seen_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("form_code", sa.String(), nullable=True),
        sa.Column("period_code", sa.String(), nullable=True),
        sa.Column("kpi_code", sa.String(), nullable=True),
        sa.Column("element_code", sa.String(), nullable=True),
        sa.Column("row_key", sa.String(), nullable=True),
        sa.Column("submission_id", sa.String(), nullable=True),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("found", sa.String(), nullable=True),
        sa.Column("expected", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("message_vi", sa.String(), nullable=False),
        sa.Column("mend_vi", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("finding_key", name=op.f("pk_detected_findings")),
        sa.UniqueConstraint(
            "rule_id", "place_key", "first_seen_on", name=op.f("uq_detected_findings_rule_id")
        ),
    )
    op.create_table(
        "finding_decisions",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("finding_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("period_code", sa.String(), nullable=True),
        sa.Column("found", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_finding_decisions")),
    )
    op.create_index(
        op.f("ix_finding_decisions_finding_key"), "finding_decisions", ["finding_key"], unique=False
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_finding_decisions_finding_key"), table_name="finding_decisions")
    op.drop_table("finding_decisions")
    op.drop_table("detected_findings")
