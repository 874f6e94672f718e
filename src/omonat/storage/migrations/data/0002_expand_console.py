"""Console: tables of the data database."""

import sqlalchemy as sa
from alembic import op

from omonat.storage.schema import Moment

revision = "0002_expand_console"
down_revision = "0001_expand_first_tables"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "job_run",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("asked_at", Moment(timezone=True), nullable=False),
        sa.Column("started_at", Moment(timezone=True), nullable=True),
        sa.Column("ended_at", Moment(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("failed", sa.String(length=40), nullable=True),
        sa.Column("sealed_result", sa.LargeBinary(), nullable=True),
        sa.Column("result_until", Moment(timezone=True), nullable=True),
        sa.Column("fetched_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_index("job_run_kind", "job_run", ["kind", "asked_at"], unique=False)
    op.create_table(
        "policy_draft",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("decided_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("draft_id"),
    )
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
    op.create_index("consent_event_at", "consent_event", ["at"], unique=False)
    op.create_index("disclosure_at", "disclosure", ["at", "disclosure_id"], unique=False)
    op.create_index("disclosure_notice", "disclosure", ["notified_at", "notice_due_at"], unique=False)
    op.create_index("journal_actor", "journal", ["actor", "at"], unique=False)
    op.create_index("journal_at", "journal", ["at", "journal_id"], unique=False)
    op.create_index("ledger_event_at", "ledger_event", ["at"], unique=False)
