"""Key versions: tables of the keys database."""

import sqlalchemy as sa
from alembic import op

from omonat.storage.schema import Moment

revision = "0003_expand_key_versions"
down_revision = "0002_expand_key_epoch"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "retired_key",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("replaced_at", Moment(timezone=True), nullable=False),
        sa.Column("resealed_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["subject_id"], ["subject_key.subject_id"]),
        sa.PrimaryKeyConstraint("subject_id", "key_id"),
    )
    op.create_index("retired_key_replaced", "retired_key", ["replaced_at"], unique=False)
    op.create_table(
        "compartment_rotation",
        sa.Column("rotation_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("made_before", Moment(timezone=True), nullable=False),
        sa.Column("began_at", Moment(timezone=True), nullable=False),
        sa.Column("keys", sa.Integer(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("ended_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("rotation_id"),
    )
