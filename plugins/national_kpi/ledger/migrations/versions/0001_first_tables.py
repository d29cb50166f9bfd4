"""The first tables."""

import sqlalchemy as sa
from alembic import op

from national_kpi.ledger.models import Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "builds",
        sa.Column("build_id", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("input_sequence", sa.Integer(), nullable=False),
        sa.Column("catalogue_sha256", sa.String(), nullable=False),
        sa.Column("timings", sa.JSON(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("build_id", name=op.f("pk_builds")),
    )
    op.create_table(
        "pulls",
        sa.Column("pull_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("pulled_at", Moment(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pull_id", name=op.f("pk_pulls")),
    )
    op.create_index(op.f("ix_pulls_sha256"), "pulls", ["sha256"], unique=False)
    op.create_index(op.f("ix_pulls_source_id"), "pulls", ["source_id"], unique=False)
    op.create_table(
        "submissions",
        sa.Column("submission_id", sa.String(), nullable=False),
        sa.Column("agency_code", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("form_code", sa.String(), nullable=True),
        sa.Column("reported_by", sa.String(), nullable=True),
        sa.Column("period_code", sa.String(), nullable=True),
        sa.Column("known_from", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("duplicate_of", sa.String(), nullable=True),
        sa.Column("rows_understood", sa.Integer(), nullable=True),
        sa.Column("lake_path", sa.String(), nullable=True),
        sa.Column("rule_pack", sa.String(), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("decision_number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["duplicate_of"], ["submissions.submission_id"], name=op.f("fk_submissions_duplicate_of")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_submissions")),
        sa.UniqueConstraint("decision_number", name=op.f("uq_submissions_decision_number")),
        sa.UniqueConstraint(
            "reported_by", "form_code", "period_code", "revision", name=op.f("uq_submissions_reported_by")
        ),
    )
    op.create_index(op.f("ix_submissions_agency_code"), "submissions", ["agency_code"], unique=False)
    op.create_index(op.f("ix_submissions_sha256"), "submissions", ["sha256"], unique=False)
    op.create_index(op.f("ix_submissions_state"), "submissions", ["state"], unique=False)
    op.create_table(
        "findings",
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("sheet", sa.String(), nullable=True),
        sa.Column("row_number", sa.Integer(), nullable=True),
        sa.Column("column_name", sa.String(), nullable=True),
        sa.Column("cell", sa.String(), nullable=True),
        sa.Column("found", sa.String(), nullable=True),
        sa.Column("expected", sa.String(), nullable=True),
        sa.Column("message_vi", sa.String(), nullable=False),
        sa.Column("mend_vi", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("kpi_code", sa.String(), nullable=True),
        sa.Column("period_code", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.submission_id"], name=op.f("fk_findings_submission_id")
        ),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_submission_id"), "findings", ["submission_id"], unique=False)
    op.create_table(
        "publications",
        sa.Column("publication_id", sa.String(), nullable=False),
        sa.Column("build_id", sa.String(), nullable=False),
        sa.Column("published_at", Moment(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("catalogue_sha256", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["build_id"], ["builds.build_id"], name=op.f("fk_publications_build_id")),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_publications")),
        sa.UniqueConstraint("build_id", name=op.f("uq_publications_build_id")),
    )
    op.create_table(
        "receipts",
        sa.Column("receipt_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.String(), nullable=False),
        sa.Column("agency_code", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("previous_sha256", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.submission_id"], name=op.f("fk_receipts_submission_id")
        ),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("agency_code", "number", name=op.f("uq_receipts_agency_code")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_receipts_submission_id")),
    )


def downgrade() -> None:
    """Drop every table."""
    op.drop_table("receipts")
    op.drop_table("publications")
    op.drop_index(op.f("ix_findings_submission_id"), table_name="findings")
    op.drop_table("findings")
    op.drop_index(op.f("ix_submissions_state"), table_name="submissions")
    op.drop_index(op.f("ix_submissions_sha256"), table_name="submissions")
    op.drop_index(op.f("ix_submissions_agency_code"), table_name="submissions")
    op.drop_table("submissions")
    op.drop_index(op.f("ix_pulls_source_id"), table_name="pulls")
    op.drop_index(op.f("ix_pulls_sha256"), table_name="pulls")
    op.drop_table("pulls")
    op.drop_table("builds")
