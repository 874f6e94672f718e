"""Index versions: tables of the data database."""

import sqlalchemy as sa
from alembic import op

from omonat.storage.schema import Moment

revision = "0004_expand_index_versions"
down_revision = "0003_expand_visits"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "index_version",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("began_at", Moment(timezone=True), nullable=False),
        sa.Column("retagged", sa.Integer(), nullable=False),
        sa.Column("retired_at", Moment(timezone=True), nullable=True),
        sa.Column("ended_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "tag_pair",
        sa.Column("tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("same_as", sa.LargeBinary(length=32), nullable=False),
        sa.Column("newer", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tag", "same_as"),
    )
    op.create_index("tag_pair_version", "tag_pair", ["version"], unique=False)
    op.add_column("contract_lookup", sa.Column("tag_version", sa.Integer(), server_default="1", nullable=False))
