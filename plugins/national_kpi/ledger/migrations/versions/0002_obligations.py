"""Reports that are owed, frozen when their period opens."""

import sqlalchemy as sa
from alembic import op

from national_kpi.ledger.models import Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the obligations."""
    op.create_table(
        "obligations",
        sa.Column("obligation_id", sa.Integer(), nullable=False),
        sa.Column("obligation_code", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("form_code", sa.String(), nullable=False),
        sa.Column("period_code", sa.String(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("cutoff_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("obligation_id", name=op.f("pk_obligations")),
        sa.UniqueConstraint("agency_id", "form_code", "period_code", name=op.f("uq_obligations_agency_id")),
    )
    op.create_index(op.f("ix_obligations_period_code"), "obligations", ["period_code"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_obligations_period_code"), table_name="obligations")
    op.drop_table("obligations")
