"""Destructions: when their residue was scrubbed, and when their next window closes."""

import sqlalchemy as sa
from alembic import op

from omonat.storage.schema import Moment

revision = "0005_expand_destruction_levels"
down_revision = "0004_expand_index_versions"


def upgrade() -> None:
    """Add the columns and their indexes."""
    op.add_column("destruction", sa.Column("scrubbed_at", Moment(timezone=True), nullable=True))
    op.add_column("destruction", sa.Column("next_window_at", Moment(timezone=True), nullable=True))
    op.create_index("destruction_window", "destruction", ["next_window_at"], unique=False)
    op.create_index("destruction_scrub", "destruction", ["scrubbed_at", "finished_at"], unique=False)
