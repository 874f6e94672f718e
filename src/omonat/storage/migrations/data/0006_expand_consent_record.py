"""Consent record: evidence, rows of imports that were taken, suppressed addresses."""

import sqlalchemy as sa
from alembic import op

from omonat.storage.schema import Moment

revision = "0006_expand_consent_record"
down_revision = "0005_expand_destruction_levels"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "consent_evidence",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("given_by", sa.String(length=20), nullable=False),
        sa.Column("given_at", Moment(timezone=True), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("offset_seconds", sa.Integer(), nullable=True),
        sa.Column("script", sa.String(length=60), nullable=False),
        sa.Column("paper_record_id", sa.Uuid(), nullable=True),
        sa.Column("proof_record_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.subject_id"]),
        sa.PrimaryKeyConstraint("subject_id", "consent_id"),
    )
    op.create_table(
        "consent_import",
        sa.Column("row_tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("row_tag"),
    )
    op.create_table(
        "suppression",
        sa.Column("tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("until", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tag"),
    )
    op.create_index("suppression_until", "suppression", ["until"], unique=False)
    op.add_column("destruction", sa.Column("keeps", sa.JSON(), nullable=True))
