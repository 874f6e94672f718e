"""Every table of Omonat, in one readable file.

Two databases: `data` and the key store. Rules (docs/decisions/0003): ids come from the application; every subject table
starts its key with `subject_id`, the distribution column; what is looked up without a subject goes through a small
table keyed by that; no triggers, sequences, enum types or engine-specific types. Moments are aware UTC; JSON columns
hold words and ids, never a personal value. Personal values exist only in columns named `sealed_*`.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger, Boolean, Column, Date, DateTime, ForeignKeyConstraint, Index, Integer, LargeBinary, MetaData, String,
    Table, Text, UniqueConstraint, Uuid,
)  # fmt: skip
from sqlalchemy.types import JSON, TypeDecorator

data = MetaData()
keys = MetaData()


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime on every engine; SQLite keeps no zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse a naive moment: it would mean another moment on another engine."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Put the zone back where the engine dropped it."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id(name: str, *, key: bool = False, null: bool = False) -> Column[Any]:
    return Column(name, Uuid(), primary_key=key, nullable=null)


def _of_subject(name: str, *columns: Any) -> Table:
    """A table whose rows belong to one subject, and go with it."""
    return Table(
        name, data, _id("subject_id", key=True), *columns,
        ForeignKeyConstraint(["subject_id"], ["subject.subject_id"]),
    )  # fmt: skip


# --- the policy and its versions (9.x) ------------------------------------------------------------------------------

policy_version = Table(
    "policy_version", data,
    Column("number", String(20), primary_key=True),         # "3.2"
    Column("sequence", Integer, nullable=False, unique=True),  # 1, 2, ...: the order in which they came into force
    Column("kind", String(10), nullable=False),             # adopted | published
    Column("hash", String(64), nullable=False),             # SHA-256 of `canonical`, hex
    Column("canonical", LargeBinary, nullable=False),       # the bytes that everything is served from
    Column("author", String(120), nullable=False),          # name of the staff account
    Column("reason", Text, nullable=False),
    Column("issued_on", Date),                              # adopted versions: the date on the document
    Column("in_force_at", Moment, nullable=False),
    _id("event_id"),
)  # fmt: skip

shown_text = Table(                                         # the exact text behind every notice hash (1.2)
    "shown_text", data,
    Column("hash", String(64), primary_key=True),           # SHA-256 of `text`, hex
    Column("language", String(8), nullable=False),
    Column("text", Text, nullable=False),
    Column("first_shown_at", Moment, nullable=False),
)  # fmt: skip

staff = Table(
    "staff", data,
    _id("staff_id", key=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("os_user", String(120), unique=True),            # the operating-system user who is this account
    Column("roles", JSON, nullable=False),                  # ["administrator", "privacy_officer", ...]
    Column("active", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)  # fmt: skip

staff_role = Table(                                         # a row overrides the built-in role of that name, or is a new one
    "staff_role", data,
    Column("name", String(40), primary_key=True),
    Column("rights", JSON, nullable=False),                 # ["case.read", ...]
    Column("purposes", JSON, nullable=False),               # purposes of the policy that the role may state
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", String(120), nullable=False),
)  # fmt: skip

staff_session = Table(
    "staff_session", data,
    Column("token_tag", LargeBinary(32), primary_key=True),
    Column("session_id", Uuid(), nullable=False, unique=True),
    _id("staff_id"),
    Column("how", String(20), nullable=False),              # totp | passkey | recovery | oidc: the second factor
    Column("device", String(60), nullable=False),           # "Chromium, Linux": never the whole agent line, no address
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("staff_session_staff", "staff_id"),
)  # fmt: skip

# --- subjects, identifiers, records: the vault (2.1, 6.1) -----------------------------------------------------------

subject = Table(
    "subject", data,
    _id("subject_id", key=True),
    Column("kind", String(10), nullable=False),             # person | visitor (a pseudonymous browser)
    Column("state", String(10), nullable=False),            # active | erasing | erased
    Column("created_at", Moment, nullable=False),
)  # fmt: skip

identifier = _of_subject(
    "identifier",
    _id("identifier_id", key=True),
    Column("kind", String(20), nullable=False),             # email | phone
    Column("tag", LargeBinary(32), nullable=False),         # blind index of the normalised value
    Column("tag_version", Integer, nullable=False),
    Column("state", String(10), nullable=False),            # claimed | proven
    _id("record_id"),                                       # the sealed value
    Column("claimed_at", Moment, nullable=False),
    Column("proven_at", Moment),
)  # fmt: skip

identifier_lookup = Table(                                  # tag to the subjects that name it, claimed or proven
    "identifier_lookup", data,
    Column("kind", String(20), primary_key=True),
    Column("tag", LargeBinary(32), primary_key=True),
    _id("subject_id", key=True),
    _id("identifier_id", key=True),
)  # fmt: skip

proven_holder = Table(                                      # uniqueness of proven identifiers, also under a race
    "proven_holder", data,
    Column("kind", String(20), primary_key=True),
    Column("tag", LargeBinary(32), primary_key=True),
    Column("holder", Integer, primary_key=True),            # 0; a shared office phone may have 1, 2, ...
    _id("subject_id"),
    _id("identifier_id"),
    UniqueConstraint("kind", "tag", "subject_id", name="proven_once_per_subject"),
)  # fmt: skip

submission = _of_subject(
    "submission",
    _id("submission_id", key=True),
    Column("form", String(40), nullable=False),
    Column("policy_number", String(20), nullable=False),
    Column("policy_hash", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("notice_hash", String(64), nullable=False),      # shown_text.hash
    Column("submitted_at", Moment, nullable=False),
    _id("event_id"),
)  # fmt: skip

submission_lookup = Table(                                  # makes sending one form twice harmless
    "submission_lookup", data,
    _id("submission_id", key=True),
    _id("subject_id"),
)  # fmt: skip

submission_token = Table(                                   # what the browser that sent a form may reach: only that
    "submission_token", data,
    Column("token_tag", LargeBinary(32), primary_key=True),
    _id("subject_id"),
    _id("submission_id"),
    Column("expires_at", Moment, nullable=False),
    Index("submission_token_subject", "subject_id"),
)  # fmt: skip

record = _of_subject(
    "record",
    _id("record_id", key=True),
    _id("submission_id", null=True),
    _id("case_id", null=True),
    Column("purpose", String(40), nullable=False),
    Column("category", String(40), nullable=False),
    Column("field", String(40), nullable=False),            # name, phone, email, message, company, ip_address, ...
    Column("ground", String(20), nullable=False),           # consent | contract | law
    Column("source", String(60), nullable=False),           # form:callback, case:correct, staff
    _id("key_id"),
    Column("sealed_value", LargeBinary, nullable=False),
    Column("tag", LargeBinary(32)),                         # of an identifying value: its blind index
    Column("collected_at", Moment, nullable=False),
    Column("keep_until", Moment),                           # null: no term has started (until withdrawal)
    Index("record_keep_until", "keep_until"),
    Index("record_compartment", "subject_id", "purpose", "category"),
)  # fmt: skip

# --- consent, restrictions, holds (3.1, 4.1, 7.1) -------------------------------------------------------------------

consent_event = _of_subject(                                # append-only; the current state is derived
    "consent_event",
    _id("consent_id", key=True),
    Column("purpose", String(40), nullable=False),
    Column("channel", String(20), nullable=False),          # email | sms | telegram | web (cookies) | form
    Column("action", String(10), nullable=False),           # granted | refused | withdrawn | expired
    Column("at", Moment, nullable=False),
    Column("policy_number", String(20), nullable=False),
    Column("policy_hash", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("text_hash", String(64), nullable=False),        # shown_text.hash: the exact text beside the box
    Column("categories", JSON, nullable=False),
    Column("expires_at", Moment),
    Column("third_party", Boolean, nullable=False),
    Column("cross_border", Boolean, nullable=False),
    Column("via", String(40), nullable=False),              # form:order, banner, settings, portal, staff, gpc
    _id("submission_id", null=True),
    _id("event_id"),
    Index("consent_event_current", "subject_id", "purpose", "channel", "at"),
)  # fmt: skip

restriction = _of_subject(
    "restriction",
    _id("restriction_id", key=True),
    Column("kind", String(10), nullable=False),             # suspended | objected
    Column("purpose", String(40)),                          # null: every purpose
    Column("since", Moment, nullable=False),
    Column("lifted_at", Moment),
    _id("case_id", null=True),
)  # fmt: skip

hold = _of_subject(                                         # a law that keeps data longer (6.3)
    "hold",
    _id("hold_id", key=True),
    Column("purpose", String(40)),                          # null: every purpose
    Column("category", String(40)),                         # null: every category
    Column("law", String(60), nullable=False),              # key of a hold rule in the rule pack
    Column("until_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("placed_by", String(120), nullable=False),
    Column("placed_at", Moment, nullable=False),
    Column("released_at", Moment),
    _id("event_id"),
)  # fmt: skip

# --- cases (7.1, 10.1) ----------------------------------------------------------------------------------------------

subject_case = _of_subject(
    "subject_case",
    _id("case_id", key=True),
    Column("kind", String(20), nullable=False),             # access, correct, erase, withdraw, object, suspend, complain, contact, contract
    Column("state", String(10), nullable=False),            # open | done | refused
    Column("opened_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("term", String(40), nullable=False),             # key of the term in the rule pack
    Column("closed_at", Moment),
    Column("outcome", String(40)),                          # word; see rights/model.py
    Column("details", JSON, nullable=False),                # words and ids only
    _id("event_id"),
    Index("case_due", "state", "due_at"),
    Index("case_number", "case_id"),
)  # fmt: skip

case_step = _of_subject(
    "case_step",
    _id("case_id", key=True),
    _id("step_id", key=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("details", JSON, nullable=False),
)  # fmt: skip

# --- journals: who read, used and received what (5.1, 6.2, 7.1 a) ---------------------------------------------------

journal = _of_subject(
    "journal",
    _id("journal_id", key=True),
    Column("operation", String(10), nullable=False),        # read | use | export | correct
    Column("at", Moment, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("categories", JSON, nullable=False),
    Column("reason", String(200), nullable=False),
    _id("event_id"),
)  # fmt: skip

disclosure = _of_subject(
    "disclosure",
    _id("disclosure_id", key=True),
    Column("recipient", String(60), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("ground", String(20), nullable=False),
    Column("categories", JSON, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("notice_due_at", Moment, nullable=False),
    Column("notified_at", Moment),
    _id("event_id"),
)  # fmt: skip

destruction = Table(                                        # an intention, then a certificate; the subject id is opaque and stays
    "destruction", data,
    _id("subject_id", key=True),
    _id("event_id", key=True),                              # the `destruction_started` entry
    Column("started_at", Moment, nullable=False),
    Column("trigger", String(20), nullable=False),          # demand | withdrawal | term | disagree | merged | orphan
    Column("actor", String(120), nullable=False),
    Column("scope", JSON, nullable=False),                  # null: the whole subject; else [[purpose, category], ...]
    _id("case_id", null=True),
    Column("finished_at", Moment),                          # null: the saga goes on at the next start
    Column("certificate", JSON),                            # kinds, counts, stores, levels; never values
    _id("certificate_event_id", null=True),
    Index("destruction_open", "finished_at"),
)  # fmt: skip

event_opening = _of_subject(                                # salts of the commitments in one ledger event
    "event_opening",
    _id("event_id", key=True),
    Column("sealed_salts", LargeBinary, nullable=False),
)  # fmt: skip

# --- sign-in (7.1) --------------------------------------------------------------------------------------------------

challenge = Table(
    "challenge", data,
    _id("challenge_id", key=True),
    Column("kind", String(20), nullable=False),
    Column("tag", LargeBinary(32), nullable=False),
    Column("browser_tag", LargeBinary(32), nullable=False),
    _id("subject_id", null=True),                           # where the address is held; null: it is not held
    _id("identifier_id", null=True),
    Column("language", String(8), nullable=False),
    Column("intent", String(20), nullable=False),           # sign_in | confirm (an identifier of a signed-in subject)
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("used_at", Moment),
    Index("challenge_subject", "subject_id"),
)  # fmt: skip

portal_session = Table(
    "portal_session", data,
    Column("token_tag", LargeBinary(32), primary_key=True),
    _id("session_id"),
    _id("subject_id", null=True),                           # null: the code is answered, "who are you?" is not
    Column("kind", String(20), nullable=False),             # the identifier that was answered
    Column("tag", LargeBinary(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("portal_session_subject", "subject_id"),
)  # fmt: skip

# --- statistics of consenting visitors (8.1) ------------------------------------------------------------------------

visit_day = _of_subject("visit_day", Column("day", Date, primary_key=True))

page_count = Table(                                         # counts only: no row belongs to anybody
    "page_count", data,
    Column("day", Date, primary_key=True),
    Column("page", String(80), primary_key=True),           # the route template
    Column("language", String(8), primary_key=True),
    Column("device", String(10), primary_key=True),         # phone | tablet | desktop | other
    Column("views", BigInteger, nullable=False),
)  # fmt: skip

# --- ledger and background work -------------------------------------------------------------------------------------

ledger_event = Table(
    "ledger_event", data,
    _id("event_id", key=True),
    Column("kind", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),            # canonical JSON; published only as its hash
    Column("hash", LargeBinary(32), nullable=False),        # SHA-256 of `body`: the published entry
    Column("position", BigInteger, unique=True),            # null until it is integrated into the tree
)  # fmt: skip

ledger_lease = Table(
    "ledger_lease", data,
    Column("name", String(20), primary_key=True),
    Column("holder", String(60), nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("until", Moment, nullable=False),
)  # fmt: skip

outbox = Table(
    "outbox", data,
    _id("outbox_id", key=True),
    Column("kind", String(40), nullable=False),
    Column("business_key", String(120), nullable=False, unique=True),
    Column("payload", JSON, nullable=False),                # ids and words only
    Column("created_at", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("dispatched_at", Moment),
    Column("done_at", Moment),
    Column("failed", String(40)),                           # stable error code of the last failure
    Index("outbox_open", "done_at", "dispatched_at"),
)  # fmt: skip

# --- the key store: a database of its own ---------------------------------------------------------------------------

secret = Table(
    "secret", keys,
    Column("name", String(40), primary_key=True),           # index:email, index:phone, code, cookie, session, ledger
    Column("version", Integer, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
)  # fmt: skip

# Which key-encryption key wraps: the highest number is the present epoch. A rotation has ended when every epoch before
# it is destroyed; until then these rows say how far it has come.
key_epoch = Table(
    "key_epoch", keys,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("key_id", String(300), nullable=False),          # file:kek.2, openbao:transit/omonat#v2, ...
    Column("event_id", Uuid()),                             # of the ledger event key_rotated; null: the first epoch
    Column("began_at", Moment, nullable=False),
    Column("rewrapped_to", Uuid()),                         # the last subject whose key was wrapped again
    Column("rewrapped_subjects", Integer, nullable=False),
    Column("rewrapped_secrets", Integer, nullable=False),
    Column("retired_at", Moment),                           # since then nothing lies under its key
    Column("destroyed_at", Moment),                         # and its key is gone, as far as it lay with us
)  # fmt: skip

subject_key = Table(
    "subject_key", keys,
    _id("subject_id", key=True),
    Column("wrapped", LargeBinary, nullable=False),         # under the key-encryption key
    Column("created_at", Moment, nullable=False),
)  # fmt: skip

compartment_key = Table(
    "compartment_key", keys,
    _id("subject_id", key=True),
    _id("key_id", key=True),
    Column("purpose", String(40), nullable=False),
    Column("category", String(40), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),         # under the subject key
    Column("created_at", Moment, nullable=False),
    ForeignKeyConstraint(["subject_id"], ["subject_key.subject_id"]),
    UniqueConstraint("subject_id", "purpose", "category", name="one_key_per_compartment"),
)  # fmt: skip
