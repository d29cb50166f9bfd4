"""Explanations of findings, nil returns, and rows that were left out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

FINDINGS = ("evidence", "row_key", "explanation", "explained_in")


def upgrade() -> None:
    """Add the columns."""
    for name in FINDINGS:
        op.add_column("findings", sa.Column(name, sa.String(), nullable=True))
    op.add_column("submissions", sa.Column("rows_left_out", sa.Integer(), nullable=True))
    op.add_column("submissions", sa.Column("is_nil", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("submissions", sa.Column("compared_with", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    for name in ("compared_with", "is_nil", "rows_left_out"):
        op.drop_column("submissions", name)
    for name in reversed(FINDINGS):
        op.drop_column("findings", name)
