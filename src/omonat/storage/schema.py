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
    Column("how", String(20), nullable=False),              # password (not in yet) | totp | passkey | recovery | oidc
    Column("device", String(60), nullable=False),           # "Chromium, Linux": never the whole agent line, no address
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("proved_at", Moment, nullable=False),            # when a factor was last shown: asked again for acts of weight
    Column("expires_at", Moment, nullable=False),
    Index("staff_session_staff", "staff_id"),
)  # fmt: skip

# --- staff: how it signs in (6.2) -----------------------------------------------------------------------------------

staff_password = Table(
    "staff_password", data,
    _id("staff_id", key=True),
    Column("hash", String(200), nullable=False),            # Argon2id under a secret of the key store, PHC form
    Column("set_at", Moment, nullable=False),
)  # fmt: skip

staff_totp = Table(
    "staff_totp", data,
    _id("staff_id", key=True),
    Column("sealed_secret", LargeBinary),                   # null until the first one is confirmed
    Column("sealed_next", LargeBinary),                     # shown and not confirmed yet
    Column("last_step", BigInteger, nullable=False),        # the last half minute that was accepted: once each
    Column("confirmed_at", Moment),
)  # fmt: skip

staff_passkey = Table(
    "staff_passkey", data,
    _id("passkey_id", key=True),
    _id("staff_id"),
    Column("credential_hash", LargeBinary(32), nullable=False, unique=True),
    Column("credential", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("name", String(60), nullable=False),             # "Office laptop": given by the member for himself
    Column("made_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index("staff_passkey_staff", "staff_id"),
)  # fmt: skip

staff_recovery_code = Table(
    "staff_recovery_code", data,
    Column("code_tag", LargeBinary(32), primary_key=True),
    _id("staff_id"),
    Column("made_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index("staff_recovery_code_staff", "staff_id"),
)  # fmt: skip

staff_identity = Table(                                     # an account at the single sign-on of the operator
    "staff_identity", data,
    Column("issuer", String(200), primary_key=True),
    Column("subject_tag", LargeBinary(32), primary_key=True),  # HMAC of `sub`
    _id("staff_id"),
    Column("bound_at", Moment, nullable=False),
    Index("staff_identity_staff", "staff_id"),
)  # fmt: skip

staff_ceremony = Table(                                     # a step of a sign-in that waits for the next; used once
    "staff_ceremony", data,
    Column("token_tag", LargeBinary(32), primary_key=True),
    Column("kind", String(20), nullable=False),             # second_factor | passkey_add | passkey | oidc | oidc_bind
    _id("staff_id", null=True),
    Column("expires_at", Moment, nullable=False),
    Index("staff_ceremony_expires", "expires_at"),
)  # fmt: skip

staff_attempt = Table(                                      # failed tries since the last success; unknown names, too
    "staff_attempt", data,
    Column("what_tag", LargeBinary(32), primary_key=True),  # HMAC of the typed name, or of an account's second factor
    Column("failures", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("closed_until", Moment, nullable=False),
    Index("staff_attempt_last", "last_at"),
)  # fmt: skip

staff_security_event = Table(                               # what a member sees about his own account
    "staff_security_event", data,
    _id("event_id", key=True),
    _id("staff_id"),
    Column("kind", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    Column("device", String(60), nullable=False),
    Index("staff_security_event_staff", "staff_id", "at"),
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
    Index("identifier_lookup_subject", "subject_id"),
)  # fmt: skip

proven_holder = Table(                                      # uniqueness of proven identifiers, also under a race
    "proven_holder", data,
    Column("kind", String(20), primary_key=True),
    Column("tag", LargeBinary(32), primary_key=True),
    Column("holder", Integer, primary_key=True),            # 0; a shared office phone may have 1, 2, ...
    _id("subject_id"),
    _id("identifier_id"),
    UniqueConstraint("kind", "tag", "subject_id", name="proven_once_per_subject"),
    Index("proven_holder_subject", "subject_id"),
)  # fmt: skip

# Which version of the index keys tags are written under: the highest. None: version 1, and no rotation has begun.
index_version = Table(
    "index_version", data,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("before", Integer),                              # the version whose tags may lie there, too; null: its keys are lost
    _id("event_id"),                                        # the ledger event index_keys_rotated
    Column("began_at", Moment, nullable=False),
    Column("retagged", Integer, nullable=False),            # identifiers and contract numbers, so far
    Column("retired_at", Moment),                           # since then nothing lies under an older version
    Column("ended_at", Moment),                             # and the older keys are destroyed
)  # fmt: skip

tag_pair = Table(                                           # two tags of one value, under two versions of the index keys
    "tag_pair", data,
    Column("tag", LargeBinary(32), primary_key=True),
    Column("same_as", LargeBinary(32), primary_key=True),
    Column("newer", Boolean, nullable=False),               # `same_as` is the newer one; each pair has a row both ways
    Column("version", Integer, nullable=False),             # of the newer one: pairs go some days after its rotation
    Index("tag_pair_version", "version"),
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
    Index("submission_lookup_subject", "subject_id"),
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
    Column("action", String(10), nullable=False),           # granted | renewed | refused | withdrawn | expired | void | pending
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
    Index("consent_event_at", "at"),
)  # fmt: skip

consent_evidence = _of_subject(                             # what proves a consent that was not given on a page of ours (Art. 31)
    "consent_evidence",
    _id("consent_id", key=True),
    Column("form", String(20), nullable=False),             # a key of `consent_forms` in the rule pack
    Column("method", String(20), nullable=False),           # page | call | sms | telegram | email | paper | e_document | desk | visitor
    Column("given_by", String(20), nullable=False),         # person | representative
    Column("given_at", Moment, nullable=False),             # when it was said; `consent_event.at` is when it was recorded
    Column("reference", String(120), nullable=False),       # id of the call, message or document; empty: none
    Column("offset_seconds", Integer),                      # where in the call
    Column("script", String(60), nullable=False),           # version of the script that was read out
    _id("paper_record_id", null=True),                      # the sealed scan
    _id("proof_record_id", null=True),                      # the sealed proof of the representative
    Column("actor", String(160), nullable=False),           # who recorded it
)  # fmt: skip

consent_letter = _of_subject(                               # the letter that asked for a consent that waits (double opt-in)
    "consent_letter",
    _id("consent_id", key=True),
    Column("channel", String(20), nullable=False),          # by which it went: email | sms | telegram
    Column("message_id", String(320), nullable=False),      # the id that it has there
    Column("sent_at", Moment, nullable=False),
)  # fmt: skip

consent_import = Table(                                     # a row of a file that was taken: taking it again changes nothing
    "consent_import", data,
    Column("row_tag", LargeBinary(32), primary_key=True),   # HMAC of the row
    Column("at", Moment, nullable=False),
)  # fmt: skip

suppression = Table(                                        # addresses that get no mailing, though nobody is known any more
    "suppression", data,
    Column("tag", LargeBinary(32), primary_key=True),       # HMAC of purpose, kind and address under a key of its own
    Column("until", Moment, nullable=False),
    Index("suppression_until", "until"),
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
    Column("number", String(12)),                           # what people read aloud: the end of the id; null: an older row
    Column("form", String(40)),                             # the form that brought it, if one did
    _id("assigned_to", null=True),                          # a member of the staff; null: nobody yet
    Index("case_due", "state", "due_at"),
    Index("case_number", "case_id"),
    Index("case_short_number", "number"),
    Index("case_opened", "state", "opened_at"),
    Index("case_assigned", "assigned_to", "state", "due_at"),
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

# --- the work on cases: saved views, acts on several cases at once (3.1, 10.1) --------------------------------------

case_view = Table(                                          # a filter of the queue that a member keeps for himself
    "case_view", data,
    _id("view_id", key=True),
    _id("staff_id"),
    Column("name", String(60), nullable=False),
    Column("words", JSON, nullable=False),                  # {"state": "open", "kind": "contact", ...}
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("staff_id", "name", name="one_view_per_name"),
)  # fmt: skip

case_bulk = Table(                                          # one act on several cases, and what became of each
    "case_bulk", data,
    _id("bulk_id", key=True),
    _id("staff_id"),
    Column("at", Moment, nullable=False),
    Column("act", String(20), nullable=False),              # assign | close
    Column("words", JSON, nullable=False),                  # {"to": id} or {"outcome": ..., "reason": ...}
    Column("results", JSON, nullable=False),                # [{"case": id, "result": code, "before": id or ""}, ...]
    Column("undone_at", Moment),
    Index("case_bulk_staff", "staff_id", "at"),
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
    Index("journal_at", "at", "journal_id"),                # the register: newest first, over everybody
    Index("journal_actor", "actor", "at"),
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
    Index("disclosure_at", "at", "disclosure_id"),
    Index("disclosure_notice", "notified_at", "notice_due_at"),
)  # fmt: skip

destruction = Table(                                        # an intention, then a certificate; the subject id is opaque and stays
    "destruction", data,
    _id("subject_id", key=True),
    _id("event_id", key=True),                              # the `destruction_started` entry
    Column("started_at", Moment, nullable=False),
    Column("trigger", String(20), nullable=False),          # demand | withdrawal | term | disagree | merged | orphan
    Column("actor", String(120), nullable=False),
    Column("scope", JSON, nullable=False),                  # null: the whole subject; else [[purpose, category], ...]
    Column("keeps", JSON),                                  # words for what stays all the same, such as suppression
    _id("case_id", null=True),
    Column("finished_at", Moment),                          # null: the saga goes on at the next start
    Column("certificate", JSON),                            # kinds, counts, stores, levels; never values
    _id("certificate_event_id", null=True),
    Column("scrubbed_at", Moment),                          # no deleted byte is left in either file; SQLite only
    Column("next_window_at", Moment),                       # when the next of its windows runs out; null: none is open
    Index("destruction_open", "finished_at"),
    Index("destruction_window", "next_window_at"),
    Index("destruction_scrub", "scrubbed_at", "finished_at"),
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

visit_day = _of_subject(
    "visit_day",
    Column("day", Date, primary_key=True),
    Column("events", Integer, nullable=False, server_default="0"),  # the number of the last event of that day
)  # fmt: skip

visit_event = _of_subject(                                  # raw, until the term: no moment, no address, no agent
    "visit_event",
    Column("day", Date, primary_key=True),
    Column("number", Integer, primary_key=True),            # 1, 2, ...: the order within the visitor's day
    Column("kind", String(10), nullable=False),             # view | started | finished
    Column("page", String(80), nullable=False),             # the route template
    Column("form", String(40), nullable=False),             # empty: no form on that page
    Column("language", String(8), nullable=False),
    Column("device", String(10), nullable=False),           # phone | tablet | desktop | other
    Column("source", String(10), nullable=False),           # none | search | social | other | own; never an address
    Index("visit_event_day", "day"),
)  # fmt: skip

visit_count = Table(                                        # counts only, of days that are over
    "visit_count", data,
    Column("day", Date, primary_key=True),
    Column("fact", String(10), primary_key=True),           # visitors | source | path | form | consent | closed
    Column("name", String(80), primary_key=True),           # the source, page, form or word
    Column("next_name", String(80), primary_key=True),      # the next page, or the step of the form
    Column("total", BigInteger, nullable=False),
    Column("visitors", BigInteger, nullable=False),         # how many different ones on that day
)  # fmt: skip

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
    Index("ledger_event_at", "at"),
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

# --- registers: jobs that a member of the staff starts and watches; policies that wait for a decision ----------------

job_run = Table(
    "job_run", data,
    _id("run_id", key=True),
    Column("kind", String(20), nullable=False),             # mailing_count | mailing | consent_check | ...
    Column("state", String(10), nullable=False),            # waiting | running | done | failed | cancelled
    Column("actor", String(120), nullable=False),
    Column("details", JSON, nullable=False),                # what was asked for: words and ids only
    Column("asked_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),               # 0: not known
    Column("result", JSON),                                 # counts and words only
    Column("failed", String(40)),                           # stable error code
    Column("sealed_result", LargeBinary),                   # a list or file of people, own key, for a day
    Column("result_until", Moment),
    Column("fetched_at", Moment),
    Index("job_run_kind", "kind", "asked_at"),
)  # fmt: skip

policy_draft = Table(                                       # an uploaded folder without findings, until it is decided
    "policy_draft", data,
    _id("draft_id", key=True),
    Column("number", String(20), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("canonical", LargeBinary, nullable=False),       # exactly what will be published
    Column("author", String(120), nullable=False),
    Column("reason", Text, nullable=False),                 # empty until publishing is asked for
    Column("state", String(10), nullable=False),            # draft | published | dropped
    Column("made_at", Moment, nullable=False),
    Column("decided_at", Moment),
)  # fmt: skip

# --- API keys of programs, and what their calls were answered (6.2) --------------------------------------------------

api_key = Table(
    "api_key", data,
    _id("key_id", key=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("prefix", String(16), nullable=False),           # omk_1a2B3c4D: how the key begins
    Column("rights", JSON, nullable=False),                 # words of staff.RIGHTS
    Column("purposes", JSON, nullable=False),
    Column("origins", JSON, nullable=False),                # exact origins of browsers; none: no browser
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(120), nullable=False),
    _id("staff_id", null=True),                             # the account of whoever made it
    Column("days", Integer, nullable=False),                # how long a secret works
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("last_used_on", Date),
    Column("due_overlap_days", Integer),                    # a new secret was approved and waits to be fetched
)  # fmt: skip

api_key_secret = Table(
    "api_key_secret", data,
    Column("tag", LargeBinary(32), primary_key=True),
    _id("key_id"),
    Column("made_at", Moment, nullable=False),
    Column("ends_at", Moment),                              # after a rotation: the end of the overlap
    Index("api_key_secret_key", "key_id"),
)  # fmt: skip

api_answer = Table(                                         # idempotency keys, for a day; never a personal value
    "api_answer", data,
    _id("holder_id", key=True),                             # the API key; nil: a lock on a thing that is being changed
    Column("tag", LargeBinary(32), primary_key=True),
    Column("request_hash", LargeBinary(32), nullable=False),
    Column("claimed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("status", Integer),                              # null: at work
    Column("body", LargeBinary),                            # null: told once, not kept
    Column("etag", String(40), nullable=False),
    Index("api_answer_expires", "expires_at"),
)  # fmt: skip

# --- administration: four eyes, invitations, undertakings, measures, incidents (6.2) ----------------------------------

approval = Table(                                           # an act that two people answer for
    "approval", data,
    _id("approval_id", key=True),
    Column("kind", String(40), nullable=False),             # word of staff.approvals_model.KINDS
    Column("payload", JSON, nullable=False),                # words and ids only
    Column("payload_hash", String(64), nullable=False),     # SHA-256 of the canonical payload: finds the same act
    Column("reason", Text, nullable=False),
    Column("asked_by", String(120), nullable=False),
    _id("asked_id", null=True),                             # the account behind `asked_by`
    Column("asked_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("state", String(10), nullable=False),            # waiting | approved | carrying | done | failed | refused | expired
    Column("decided_by", String(120), nullable=False),
    Column("decided_at", Moment),
    Column("decision_reason", Text, nullable=False),
    Column("alone", Boolean, nullable=False),               # nobody else had the right
    Column("carried_at", Moment),
    Column("result", JSON, nullable=False),                 # words and ids only
    Column("failed", String(40), nullable=False),           # stable error code, or empty
    Index("approval_same", "kind", "payload_hash", "state"),
    Index("approval_state", "state", "expires_at"),
)  # fmt: skip

staff_invitation = Table(                                   # a link that lets a person set up, or set up anew, the sign-in
    "staff_invitation", data,
    _id("invitation_id", key=True),
    _id("staff_id"),
    Column("kind", String(10), nullable=False),             # join | renew
    Column("token_tag", LargeBinary(32), nullable=False, unique=True),
    Column("language", String(8), nullable=False),
    Column("sealed_letter", LargeBinary),                   # address and link, until it was mailed, spent or revoked
    Column("made_by", String(120), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("mailed_at", Moment),
    Column("spent_at", Moment),
    Column("revoked_at", Moment),
    Index("staff_invitation_staff", "staff_id", "made_at"),
)  # fmt: skip

staff_mailbox = Table(                                      # the work e-mail of a member, where he gave one
    "staff_mailbox", data,
    _id("staff_id", key=True),
    Column("sealed_email", LargeBinary, nullable=False),
    Column("set_at", Moment, nullable=False),
)  # fmt: skip

staff_undertaking = Table(                                  # the confidentiality undertaking that a person accepted
    "staff_undertaking", data,
    _id("staff_id", key=True),
    Column("text_version", String(64), primary_key=True),   # hash over the text in all languages: a change asks again
    Column("text_hash", String(64), nullable=False),        # shown_text.hash: what was read
    Column("language", String(8), nullable=False),
    Column("accepted_at", Moment, nullable=False),
    _id("event_id"),
)  # fmt: skip

first_run_step = Table(                                     # what a person confirmed in the first-run guide
    "first_run_step", data,
    Column("step", String(60), primary_key=True),           # mail, or operator:VERSION
    Column("confirmed_at", Moment, nullable=False),
    Column("confirmed_by", String(120), nullable=False),
)  # fmt: skip

measure = Table(
    "measure", data,
    _id("measure_id", key=True),
    Column("kind", String(20), nullable=False),             # legal | organisational | technical
    Column("word", String(40), nullable=False),             # of a measure that Omonat brings; empty for the operator's own
    Column("title", String(200), nullable=False),
    Column("description", Text, nullable=False),
    _id("owner_id", null=True),                             # staff account
    Column("status", String(20), nullable=False),           # planned | in_place | under_review | dropped
    Column("evidence", Text, nullable=False),
    Column("review_on", Date),
    Column("made_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", String(120), nullable=False),
    Index("measure_review", "status", "review_on"),
)  # fmt: skip

measure_change = Table(
    "measure_change", data,
    _id("measure_id", key=True),
    _id("change_id", key=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("changed", JSON, nullable=False),                # {field: [before, after]}
    Column("note", Text, nullable=False),
    _id("event_id"),
)  # fmt: skip

incident = Table(
    "incident", data,
    _id("incident_id", key=True),
    Column("title", String(200), nullable=False),
    Column("description", Text, nullable=False),            # about the processing, never about a person
    Column("state", String(12), nullable=False),            # detected | assessed | contained | told | closed
    Column("severity", String(10), nullable=False),         # unknown | low | medium | high
    Column("kinds", JSON, nullable=False),                  # disclosure | loss | change | access | unavailable
    Column("purposes", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("happened_from", Moment),
    Column("happened_until", Moment),
    Column("detected_at", Moment, nullable=False),
    Column("detected_by", String(120), nullable=False),
    Column("told_text", JSON, nullable=False),              # {language: what happened, as the officer wrote it}
    Column("affected", Integer),                            # how many; null: not looked for yet
    Column("looked_for", JSON, nullable=False),             # by what they were found: words and moments
    Column("frozen_at", Moment),
    Column("letters_at", Moment),                           # letters were ordered
    Column("lesson", Text, nullable=False),
    Column("closed_at", Moment),
    _id("event_id"),
    Index("incident_state", "state", "detected_at"),
)  # fmt: skip

incident_step = Table(
    "incident_step", data,
    _id("incident_id", key=True),
    _id("step_id", key=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Column("details", JSON, nullable=False),
)  # fmt: skip

incident_duty = Table(                                      # whom to tell by when
    "incident_duty", data,
    _id("incident_id", key=True),
    Column("whom", String(20), primary_key=True),           # key of the rule pack's incident duties
    Column("term", String(40), nullable=False),
    Column("mark", String(20), nullable=False),             # how sure the term was when the clock began
    Column("due_at", Moment, nullable=False),
    Column("state", String(12), nullable=False),            # open | told | not_needed
    Column("note", Text, nullable=False),
    Column("decided_by", String(120), nullable=False),
    Column("decided_at", Moment),
    Index("incident_duty_due", "state", "due_at"),
)  # fmt: skip

incident_person = _of_subject(
    "incident_person",
    _id("incident_id", key=True),
    Column("journal", Integer, nullable=False),             # entries by which the person was found
    Column("disclosures", Integer, nullable=False),
    _id("case_id", null=True),                              # where the person is told
    Index("incident_person_incident", "incident_id"),
)  # fmt: skip

# --- people in the console: searching, opening, joining; contracts (3.1, 6.2) ----------------------------------------

staff_search = Table(                                       # how often somebody looked for people: never for whom
    "staff_search", data,
    Column("actor", String(160), primary_key=True),
    _id("search_id", key=True),
    Column("at", Moment, nullable=False),
    Column("kind", String(20), nullable=False),             # email | phone | contract | case | subject
    Column("purpose", String(40), nullable=False),
    Column("found", Integer, nullable=False),
    Index("staff_search_at", "actor", "at"),
)  # fmt: skip

staff_opening = _of_subject(                                # a member of the staff has a person's card open, for a purpose
    "staff_opening",
    _id("opening_id", key=True),
    Column("actor", String(160), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("categories", JSON, nullable=False),             # what the journal line names: nothing else is shown
    Column("opened_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Index("staff_opening_who", "subject_id", "actor", "until"),
)  # fmt: skip

regrouping = _of_subject(                                   # two made one, or one made two, by the staff: how to undo it
    "regrouping",
    _id("regrouping_id", key=True),
    Column("kind", String(10), nullable=False),             # merged | split
    _id("other_id"),                                        # merged: who is no more; split: who came to be
    Column("evidence", String(20), nullable=False),         # a word of people.EVIDENCE
    Column("actor", String(160), nullable=False),
    Column("at", Moment, nullable=False),
    Column("undo_until", Moment, nullable=False),
    Column("undone_at", Moment),
    Column("sealed_map", LargeBinary, nullable=False),      # which rows came from where, and the note; never a value
    _id("event_id"),
)  # fmt: skip

record_part = _of_subject(                                  # the bytes of a file whose name is the value of a record
    "record_part",
    _id("record_id", key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed_bytes", LargeBinary, nullable=False),    # under the key of the record
)  # fmt: skip

contract = _of_subject(
    "contract",
    _id("contract_id", key=True),
    Column("state", String(10), nullable=False),            # draft | running | ended | annulled
    _id("number_record_id"),
    _id("about_record_id"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),                                # as agreed; null: until somebody ends it
    Column("ended_on", Date),                               # when it did
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(160), nullable=False),
    _id("event_id"),
    Index("contract_list", "state", "starts_on", "contract_id"),
    Index("contract_number", "contract_id"),
)  # fmt: skip

contract_document = _of_subject(
    "contract_document",
    _id("record_id", key=True),                             # the sealed name; the bytes are its record_part rows
    _id("contract_id"),
    Column("media", String(10), nullable=False),            # pdf | png | jpeg | docx
    Column("size", Integer, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("added_by", String(160), nullable=False),
)  # fmt: skip

contract_lookup = Table(                                    # blind index of the number: who has that contract
    "contract_lookup", data,
    Column("tag", LargeBinary(32), primary_key=True),
    _id("contract_id", key=True),
    _id("subject_id"),
    Column("tag_version", Integer, nullable=False, server_default="1"),
    Index("contract_lookup_subject", "subject_id"),
)  # fmt: skip

# --- webhooks: connected systems that are told (3.1) -----------------------------------------------------------------

webhook_endpoint = Table(
    "webhook_endpoint", data,
    _id("endpoint_id", key=True),
    Column("url", String(500), nullable=False),
    Column("description", String(200), nullable=False),
    Column("events", JSON, nullable=False),                 # ["case.opened", ...]
    Column("off_because", String(20), nullable=False),      # empty: on; staff | no_answer | gone
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),   # under the secret `webhook` of the key store
    Column("sealed_old_secret", LargeBinary),
    Column("old_secret_until", Moment),
)  # fmt: skip

webhook_delivery = Table(                                   # one message to one endpoint; ids and words only
    "webhook_delivery", data,
    _id("delivery_id", key=True),
    _id("endpoint_id"),
    _id("message_id"),                                      # the ledger event; stays over tries and repeats
    Column("event", String(40), nullable=False),            # case.opened, ...
    Column("at", Moment, nullable=False),
    Column("data", JSON, nullable=False),
    _id("subject_id", null=True),                           # opaque; what is said of him goes with him
    Column("state", String(10), nullable=False),            # waiting | arrived | given_up
    Column("turn", Integer, nullable=False),                # of its job: one that comes late writes nothing
    Column("tries", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_at", Moment),
    Column("tried_at", Moment),
    Column("status", Integer),                              # HTTP status of the last try
    Column("problem", String(20), nullable=False),          # word of the last failure
    Index("webhook_delivery_endpoint", "endpoint_id", "delivery_id"),
    Index("webhook_delivery_waiting", "state", "next_at"),
    Index("webhook_delivery_subject", "subject_id"),
)  # fmt: skip

# --- the key store: a database of its own ---------------------------------------------------------------------------

secret = Table(
    "secret", keys,
    Column("name", String(40), primary_key=True),           # index:email, index:phone, index:contract, code, ...
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

retired_key = Table(                                        # older versions of compartment keys: they open, and seal nothing
    "retired_key", keys,
    _id("subject_id", key=True),
    _id("key_id", key=True),
    Column("purpose", String(40), nullable=False),
    Column("category", String(40), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),         # under the subject key
    Column("created_at", Moment, nullable=False),
    Column("replaced_at", Moment, nullable=False),
    Column("resealed_at", Moment),                          # since then no value was found under it
    ForeignKeyConstraint(["subject_id"], ["subject_key.subject_id"]),
    Index("retired_key_replaced", "replaced_at"),
)  # fmt: skip

compartment_rotation = Table(                               # new versions for chosen compartment keys, and how far it has come
    "compartment_rotation", keys,
    _id("rotation_id", key=True),                           # of the ledger event compartment_keys_rotated, too
    Column("purpose", String(40), nullable=False),          # empty: every purpose
    Column("category", String(40), nullable=False),         # empty: every category
    Column("made_before", Moment, nullable=False),          # keys that are older
    Column("began_at", Moment, nullable=False),
    Column("keys", Integer, nullable=False),                # that got a new version, so far
    Column("records", Integer, nullable=False),             # that were sealed anew, so far
    Column("ended_at", Moment),
)  # fmt: skip
