"""What a build saw of the ledger, and the publication it was compared with."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("builds", sa.Column("newest_ids", sa.JSON(), nullable=True))
    op.add_column("builds", sa.Column("compared_with", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("builds", "compared_with")
    op.drop_column("builds", "newest_ids")
