"""Key epoch: tables of the keys database."""

import sqlalchemy as sa
from alembic import op

from omonat.storage.schema import Moment

revision = "0002_expand_key_epoch"
down_revision = "0001_expand_first_tables"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "key_epoch",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(length=300), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("began_at", Moment(timezone=True), nullable=False),
        sa.Column("rewrapped_to", sa.Uuid(), nullable=True),
        sa.Column("rewrapped_subjects", sa.Integer(), nullable=False),
        sa.Column("rewrapped_secrets", sa.Integer(), nullable=False),
        sa.Column("retired_at", Moment(timezone=True), nullable=True),
        sa.Column("destroyed_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
