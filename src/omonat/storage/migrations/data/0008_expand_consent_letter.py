"""The letter that asked for a consent that waits: by which channel it went, and the id of the message there."""

import sqlalchemy as sa
from alembic import op

from omonat.storage.schema import Moment

revision = "0008_expand_consent_letter"
down_revision = "0007_expand_lookup_indexes"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "consent_letter",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("message_id", sa.String(length=320), nullable=False),
        sa.Column("sent_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.subject_id"]),
        sa.PrimaryKeyConstraint("subject_id", "consent_id"),
    )
