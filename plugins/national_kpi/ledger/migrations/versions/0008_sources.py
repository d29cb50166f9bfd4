"""How sources were found, and what of them has been read."""

import sqlalchemy as sa
from alembic import op

from national_kpi.ledger.models import Moment

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "source_states",
        sa.Column("state_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("began_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("state_id", name=op.f("pk_source_states")),
    )
    op.create_index(op.f("ix_source_states_source_id"), "source_states", ["source_id"], unique=False)
    op.create_table(
        "source_files",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "path", name=op.f("pk_source_files")),
    )
    op.create_table(
        "source_pages",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("declared", sa.String(), nullable=False),
        sa.Column("reading", Moment(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("modified", sa.String(), nullable=True),
        sa.Column("following", sa.String(), nullable=True),
        sa.Column("records", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "address", name=op.f("pk_source_pages")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("source_pages")
    op.drop_table("source_files")
    op.drop_index(op.f("ix_source_states_source_id"), "source_states")
    op.drop_table("source_states")
