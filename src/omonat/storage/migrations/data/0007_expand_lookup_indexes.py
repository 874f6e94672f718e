"""Lookup indexes: an erasure finds what leads to its subject without reading everybody's rows."""

from alembic import op

revision = "0007_expand_lookup_indexes"
down_revision = "0006_expand_consent_record"


def upgrade() -> None:
    """Make the indexes."""
    for table in ("identifier_lookup", "proven_holder", "submission_lookup"):
        op.create_index(f"{table}_subject", table, ["subject_id"])
