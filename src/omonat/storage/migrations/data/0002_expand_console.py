"""Console: tables of the data database."""

import sqlalchemy as sa
from alembic import op

from omonat.storage.schema import Moment

revision = "0002_expand_console"
down_revision = "0001_expand_first_tables"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "api_answer",
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("claimed_at", Moment(timezone=True), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("etag", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("holder_id", "tag"),
    )
    op.create_index("api_answer_expires", "api_answer", ["expires_at"], unique=False)
    op.create_table(
        "api_key",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.Column("revoked_at", Moment(timezone=True), nullable=True),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("due_overlap_days", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("key_id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "api_key_secret",
        sa.Column("tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("ends_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tag"),
    )
    op.create_index("api_key_secret_key", "api_key_secret", ["key_id"], unique=False)
    op.create_table(
        "approval",
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", Moment(timezone=True), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("decided_at", Moment(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("carried_at", Moment(timezone=True), nullable=True),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("failed", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("approval_id"),
    )
    op.create_index("approval_same", "approval", ["kind", "payload_hash", "state"], unique=False)
    op.create_index("approval_state", "approval", ["state", "expires_at"], unique=False)
    op.create_table(
        "case_bulk",
        sa.Column("bulk_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.Column("undone_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("bulk_id"),
    )
    op.create_index("case_bulk_staff", "case_bulk", ["staff_id", "at"], unique=False)
    op.create_table(
        "case_view",
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("view_id"),
        sa.UniqueConstraint("staff_id", "name", name="one_view_per_name"),
    )
    op.create_table(
        "contract_lookup",
        sa.Column("tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tag", "contract_id"),
    )
    op.create_index("contract_lookup_subject", "contract_lookup", ["subject_id"], unique=False)
    op.create_table(
        "first_run_step",
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("confirmed_at", Moment(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("step"),
    )
    op.create_table(
        "incident",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("happened_from", Moment(timezone=True), nullable=True),
        sa.Column("happened_until", Moment(timezone=True), nullable=True),
        sa.Column("detected_at", Moment(timezone=True), nullable=False),
        sa.Column("detected_by", sa.String(length=120), nullable=False),
        sa.Column("told_text", sa.JSON(), nullable=False),
        sa.Column("affected", sa.Integer(), nullable=True),
        sa.Column("looked_for", sa.JSON(), nullable=False),
        sa.Column("frozen_at", Moment(timezone=True), nullable=True),
        sa.Column("letters_at", Moment(timezone=True), nullable=True),
        sa.Column("lesson", sa.Text(), nullable=False),
        sa.Column("closed_at", Moment(timezone=True), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id"),
    )
    op.create_index("incident_state", "incident", ["state", "detected_at"], unique=False)
    op.create_table(
        "incident_duty",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("whom", sa.String(length=20), nullable=False),
        sa.Column("term", sa.String(length=40), nullable=False),
        sa.Column("mark", sa.String(length=20), nullable=False),
        sa.Column("due_at", Moment(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("decided_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("incident_id", "whom"),
    )
    op.create_index("incident_duty_due", "incident_duty", ["state", "due_at"], unique=False)
    op.create_table(
        "incident_step",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "step_id"),
    )
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
        "measure",
        sa.Column("measure_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("changed_at", Moment(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("measure_id"),
    )
    op.create_index("measure_review", "measure", ["status", "review_on"], unique=False)
    op.create_table(
        "measure_change",
        sa.Column("measure_id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("measure_id", "change_id"),
    )
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
        "staff_attempt",
        sa.Column("what_tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", Moment(timezone=True), nullable=False),
        sa.Column("closed_until", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("what_tag"),
    )
    op.create_index("staff_attempt_last", "staff_attempt", ["last_at"], unique=False)
    op.create_table(
        "staff_ceremony",
        sa.Column("token_tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_tag"),
    )
    op.create_index("staff_ceremony_expires", "staff_ceremony", ["expires_at"], unique=False)
    op.create_table(
        "staff_identity",
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject_tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("bound_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject_tag"),
    )
    op.create_index("staff_identity_staff", "staff_identity", ["staff_id"], unique=False)
    op.create_table(
        "staff_invitation",
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("token_tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("sealed_letter", sa.LargeBinary(), nullable=True),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.Column("mailed_at", Moment(timezone=True), nullable=True),
        sa.Column("spent_at", Moment(timezone=True), nullable=True),
        sa.Column("revoked_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("invitation_id"),
        sa.UniqueConstraint("token_tag"),
    )
    op.create_index("staff_invitation_staff", "staff_invitation", ["staff_id", "made_at"], unique=False)
    op.create_table(
        "staff_mailbox",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_email", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("staff_id"),
    )
    op.create_table(
        "staff_passkey",
        sa.Column("passkey_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("credential_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("used_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("passkey_id"),
        sa.UniqueConstraint("credential_hash"),
    )
    op.create_index("staff_passkey_staff", "staff_passkey", ["staff_id"], unique=False)
    op.create_table(
        "staff_password",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("staff_id"),
    )
    op.create_table(
        "staff_recovery_code",
        sa.Column("code_tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("used_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code_tag"),
    )
    op.create_index("staff_recovery_code_staff", "staff_recovery_code", ["staff_id"], unique=False)
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
        "staff_search",
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("search_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "search_id"),
    )
    op.create_index("staff_search_at", "staff_search", ["actor", "at"], unique=False)
    op.create_table(
        "staff_security_event",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("staff_security_event_staff", "staff_security_event", ["staff_id", "at"], unique=False)
    op.create_table(
        "staff_session",
        sa.Column("token_tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("seen_at", Moment(timezone=True), nullable=False),
        sa.Column("proved_at", Moment(timezone=True), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_tag"),
        sa.UniqueConstraint("session_id"),
    )
    op.create_index("staff_session_staff", "staff_session", ["staff_id"], unique=False)
    op.create_table(
        "staff_totp",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_next", sa.LargeBinary(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("staff_id"),
    )
    op.create_table(
        "staff_undertaking",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("text_version", sa.String(length=64), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("accepted_at", Moment(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "text_version"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("next_at", Moment(timezone=True), nullable=True),
        sa.Column("tried_at", Moment(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id"),
    )
    op.create_index("webhook_delivery_endpoint", "webhook_delivery", ["endpoint_id", "delivery_id"], unique=False)
    op.create_index("webhook_delivery_subject", "webhook_delivery", ["subject_id"], unique=False)
    op.create_index("webhook_delivery_waiting", "webhook_delivery", ["state", "next_at"], unique=False)
    op.create_table(
        "webhook_endpoint",
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("off_because", sa.String(length=20), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("endpoint_id"),
    )
    op.create_table(
        "contract",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("number_record_id", sa.Uuid(), nullable=False),
        sa.Column("about_record_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=160), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.subject_id"],
        ),
        sa.PrimaryKeyConstraint("subject_id", "contract_id"),
    )
    op.create_index("contract_list", "contract", ["state", "starts_on", "contract_id"], unique=False)
    op.create_index("contract_number", "contract", ["contract_id"], unique=False)
    op.create_table(
        "contract_document",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("media", sa.String(length=10), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_at", Moment(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.subject_id"],
        ),
        sa.PrimaryKeyConstraint("subject_id", "record_id"),
    )
    op.create_table(
        "incident_person",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("journal", sa.Integer(), nullable=False),
        sa.Column("disclosures", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.subject_id"],
        ),
        sa.PrimaryKeyConstraint("subject_id", "incident_id"),
    )
    op.create_index("incident_person_incident", "incident_person", ["incident_id"], unique=False)
    op.create_table(
        "record_part",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed_bytes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.subject_id"],
        ),
        sa.PrimaryKeyConstraint("subject_id", "record_id", "number"),
    )
    op.create_table(
        "regrouping",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("regrouping_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("evidence", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("undo_until", Moment(timezone=True), nullable=False),
        sa.Column("undone_at", Moment(timezone=True), nullable=True),
        sa.Column("sealed_map", sa.LargeBinary(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.subject_id"],
        ),
        sa.PrimaryKeyConstraint("subject_id", "regrouping_id"),
    )
    op.create_table(
        "staff_opening",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("opening_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("opened_at", Moment(timezone=True), nullable=False),
        sa.Column("until", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.subject_id"],
        ),
        sa.PrimaryKeyConstraint("subject_id", "opening_id"),
    )
    op.create_index("staff_opening_who", "staff_opening", ["subject_id", "actor", "until"], unique=False)
    op.create_index("consent_event_at", "consent_event", ["at"], unique=False)
    op.create_index("disclosure_at", "disclosure", ["at", "disclosure_id"], unique=False)
    op.create_index("disclosure_notice", "disclosure", ["notified_at", "notice_due_at"], unique=False)
    op.create_index("journal_actor", "journal", ["actor", "at"], unique=False)
    op.create_index("journal_at", "journal", ["at", "journal_id"], unique=False)
    op.create_index("ledger_event_at", "ledger_event", ["at"], unique=False)
    op.add_column("subject_case", sa.Column("number", sa.String(length=12), nullable=True))
    op.add_column("subject_case", sa.Column("form", sa.String(length=40), nullable=True))
    op.add_column("subject_case", sa.Column("assigned_to", sa.Uuid(), nullable=True))
    op.create_index("case_assigned", "subject_case", ["assigned_to", "state", "due_at"], unique=False)
    op.create_index("case_opened", "subject_case", ["state", "opened_at"], unique=False)
    op.create_index("case_short_number", "subject_case", ["number"], unique=False)
