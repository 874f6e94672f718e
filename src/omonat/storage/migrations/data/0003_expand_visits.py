"""Visits: rows that expire, and what is counted of days that are over."""

import sqlalchemy as sa
from alembic import op

revision = "0003_expand_visits"
down_revision = "0002_expand_console"


def upgrade() -> None:
    """Make the tables; days that were marked before have no events."""
    op.add_column("visit_day", sa.Column("events", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "visit_event",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("page", sa.String(length=80), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("device", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.subject_id"]),
        sa.PrimaryKeyConstraint("subject_id", "day", "number"),
    )
    op.create_index("visit_event_day", "visit_event", ["day"], unique=False)
    op.create_table(
        "visit_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fact", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("next_name", sa.String(length=80), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("visitors", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "fact", "name", "next_name"),
    )
