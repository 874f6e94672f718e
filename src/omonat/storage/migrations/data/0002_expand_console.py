"""Console: tables of the data database."""

import sqlalchemy as sa
from alembic import op

from omonat.storage.schema import Moment

revision = "0002_expand_console"
down_revision = "0001_expand_first_tables"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "staff_role",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("changed_at", Moment(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "staff_session",
        sa.Column("token_tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("seen_at", Moment(timezone=True), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_tag"),
        sa.UniqueConstraint("session_id"),
    )
    op.create_index("staff_session_staff", "staff_session", ["staff_id"], unique=False)
