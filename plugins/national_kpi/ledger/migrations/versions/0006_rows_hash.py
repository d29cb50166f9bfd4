"""The hash of what a submission brought into the lake."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column."""
    op.add_column("submissions", sa.Column("rows_sha256", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("submissions", "rows_sha256")
