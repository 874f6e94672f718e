"""Consents: what stands, the texts to show, granting with proof of the text, withdrawing (clauses 3.1, 4.1, 7.1 c)."""

import base64
import binascii
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from omonat.consent import export_page, text_hash_of
from omonat.contracts import MOST_BYTES as MOST_FILE_BYTES
from omonat.kernel.codec import from_builtins
from omonat.kernel.errors import InvalidInput, NotFound, PolicyChanged
from omonat.kernel.ids import ConsentId, SubjectId
from omonat.people import Said
from omonat.web.api.bulk import MOST_BYTES, Bulk, BulkItem, carry_out
from omonat.web.api.call import Call, shaped
from omonat.web.api.cases import CaseShape
from omonat.web.api.forms import LanguageQuery, NoticeShape
from omonat.web.api.operations import operation
from omonat.web.api.serving import WRONG_FORM
from omonat.web.api.shapes import NO_NUL, Hash, Language, Moment, Page, PageQuery, Sent, Shape, Word

TAG = "Consents"
VIA = "api"
MOST_FILE = MOST_FILE_BYTES * 4 // 3 + 4
Channel = Annotated[Word, Meta(examples=["email"])]
Purpose = Annotated[Word, Meta(examples=["news"])]


class Identifier(Sent, frozen=True, kw_only=True):
    """How a person is found: by what he named, never by listing."""

    kind: Literal["email", "phone"]
    value: Annotated[str, Meta(min_length=1, max_length=320, pattern=NO_NUL, examples=["dilnoza@example.uz"])]


class EvidenceShape(Shape, frozen=True, kw_only=True):
    """What proves a consent that was not given on a page of Omonat. `form`: a key of the rule pack's consent forms.

    `paper_record_id`, `proof_record_id`: sealed files of the person.
    """

    form: str
    method: str
    given_by: str
    given_at: Moment
    reference: str
    offset_seconds: int | None
    script: str
    paper_record_id: UUID | None
    proof_record_id: UUID | None
    actor: str


class ConsentEventShape(Shape, frozen=True, kw_only=True):
    """One word of a person. `current`: the last one for its purpose and channel."""

    consent_id: UUID
    purpose: Purpose
    channel: Channel
    action: Annotated[str, Meta(examples=["granted"])]
    at: Moment
    expires_at: Moment | None
    policy_number: str
    language: str
    text_hash: Hash
    via: str
    current: bool
    evidence: EvidenceShape | None


class ConsentHistory(Shape, frozen=True, kw_only=True):
    """Every word of a person about consent, the oldest first."""

    subject_id: UUID
    items: list[ConsentEventShape]


class StandingShape(Shape, frozen=True, kw_only=True):
    """A consent that stands now."""

    purpose: Purpose
    channel: Channel
    since: Moment
    expires_at: Moment | None


class HolderShape(Shape, frozen=True, kw_only=True):
    """A person who names the identifier. `state`: claimed (typed) or proven (a code was answered)."""

    subject_id: UUID
    state: Literal["claimed", "proven"]
    standing: list[StandingShape]


class HolderList(Shape, frozen=True, kw_only=True):
    """Everybody who names the identifier; several may, for a typed one proves nothing."""

    items: list[HolderShape]


class GrantSent(Sent, frozen=True, kw_only=True):
    """A consent that is given by channel (news). `text`: the hash of what stood beside the button."""

    purpose: Purpose
    channel: Channel
    language: Language
    text: Hash


class ConsentWord(Sent, frozen=True, kw_only=True):
    """A consent that a person gave elsewhere, and what proves it. `paper`, `proof`: files, base64 (PDF, PNG, ...).

    `proof` is the authority of a legal representative. `offer`: given by accepting an offer that states the purposes.
    """

    purpose: Purpose
    channel: Channel
    language: Language
    method: Literal["call", "sms", "telegram", "email", "desk", "paper", "e_document"]
    given_at: Moment
    given_by: Literal["person", "representative"] = "person"
    offer: bool = False
    reference: Annotated[str, Meta(max_length=120, pattern=NO_NUL)] = ""
    offset_seconds: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    script: Annotated[str, Meta(max_length=60, pattern=NO_NUL)] = ""
    paper: Annotated[str, Meta(max_length=MOST_FILE)] = ""
    proof: Annotated[str, Meta(max_length=MOST_FILE)] = ""


class WithdrawalSent(Sent, frozen=True, kw_only=True):
    """The end of a consent; without `channel`, on every channel of the purpose."""

    purpose: Purpose
    channel: Channel | None = None
    language: Language = "uz-Latn"


class WithdrawalOf(WithdrawalSent, frozen=True, kw_only=True):
    """A withdrawal, and whose."""

    subject_id: UUID


class GrantOf(GrantSent, frozen=True, kw_only=True):
    """A consent, and whose."""

    subject_id: UUID


class GrantBulk(Bulk, frozen=True, kw_only=True):
    """Up to 100 consents."""

    items: Annotated[list[GrantOf], Meta(min_length=1, max_length=100)]


class WithdrawalBulk(Bulk, frozen=True, kw_only=True):
    """Up to 100 withdrawals."""

    items: Annotated[list[WithdrawalOf], Meta(min_length=1, max_length=100)]


class ImportRow(Sent, frozen=True, kw_only=True):
    """A consent that the company already has, as in a row of `omonat consent import` (docs/consent.md)."""

    address: Annotated[str, Meta(min_length=1, max_length=320, pattern=NO_NUL, examples=["dilnoza@example.uz"])]
    purpose: Purpose
    channel: Channel
    given_at: Annotated[str, Meta(min_length=1, max_length=40, examples=["2026-10-01"])]
    method: Annotated[Word, Meta(examples=["sms"])]
    language: Language
    text: Annotated[str, Meta(min_length=1, max_length=20_000, pattern=NO_NUL, examples=["I agree to news."])]
    reference: Annotated[str, Meta(max_length=120, pattern=NO_NUL)] = ""
    offset_seconds: Annotated[str, Meta(max_length=10, pattern=NO_NUL)] = ""
    script: Annotated[str, Meta(max_length=60, pattern=NO_NUL)] = ""
    given_by: Annotated[str, Meta(max_length=20, pattern=NO_NUL)] = ""
    offer: Literal["", "yes"] = ""


class ImportSent(Sent, frozen=True, kw_only=True):
    """Up to 100 rows; with `dry_run` they are looked at and nothing is stored."""

    items: Annotated[list[ImportRow], Meta(min_length=1, max_length=100)]
    dry_run: bool = False


class ImportItem(Shape, frozen=True, kw_only=True):
    """What became of a row: taken, known (taken before), or refused with a code."""

    index: int
    outcome: Literal["taken", "known", "refused"]
    code: str


class ImportResults(Shape, frozen=True, kw_only=True):
    """One result per row, in their order."""

    items: list[ImportItem]


class ExportedEvidence(Shape, frozen=True, kw_only=True):
    """What proves a consent that was not given on a page of Omonat."""

    form: str
    method: str
    given_by: str
    given_at: Moment
    reference: str
    offset_seconds: int | None
    script: str
    actor: str


class ExportedEntry(Shape, frozen=True, kw_only=True):
    """The SHA-256 of `event` is `hash`, which stands at `position` of the public tree; null: within seconds."""

    event: str
    hash: Hash
    position: int | None


class ExportedConsent(Shape, frozen=True, kw_only=True):
    """One word of one person with its proof."""

    subject_id: UUID
    consent_id: UUID
    purpose: Purpose
    channel: Channel
    action: Annotated[str, Meta(examples=["granted"])]
    at: Moment
    expires_at: Moment | None
    policy_number: str
    policy_hash: str
    language: str
    text_hash: Hash
    categories: list[str]
    third_party: bool
    cross_border: bool
    via: str
    evidence: ExportedEvidence | None
    entry: ExportedEntry


class ExportedText(Shape, frozen=True, kw_only=True):
    """A text byte for byte as it was shown; its SHA-256 is `hash`."""

    hash: Hash
    language: str
    text: str
    first_shown_at: Moment


class ExportPage(Page, frozen=True, kw_only=True):
    """Consents in the order of their people, and every text that these consents name."""

    items: list[ExportedConsent]
    texts: list[ExportedText]


class ShownText(Shape, frozen=True, kw_only=True):
    """A text byte for byte as it was shown."""

    hash: Hash
    text: str


class HistoryItem(BulkItem, frozen=True, kw_only=True):
    """What became of one consent."""

    answer: ConsentHistory | None


class CaseItem(BulkItem, frozen=True, kw_only=True):
    """What became of one withdrawal."""

    answer: CaseShape | None


class HistoryItems(Shape, frozen=True, kw_only=True):
    """One result per item, in their order."""

    items: list[HistoryItem]


class CaseItems(Shape, frozen=True, kw_only=True):
    """One result per item, in their order."""

    items: list[CaseItem]


@operation("GET", "/consents/texts/{channel}", id="getConsentText", right="collect", tag=TAG)
def get_consent_text(call: Call, channel: str, query: LanguageQuery) -> NoticeShape:
    """The exact text to show beside a button that grants consent to news by a channel, with its hash."""
    if not any(channel in purpose.channels for purpose in call.omonat.policies.in_force().facts.purposes.values()):
        raise NotFound
    text = call.omonat.rights.consent_text(channel, query.language)
    return NoticeShape(text=text, hash=text_hash_of(text))


@operation(
    "POST", "/consents/find", id="findConsents", right="person.find", tag=TAG, safe=True
)  # fmt: skip
def find_consents(call: Call, sent: Identifier) -> HolderList:
    """The consents that stand of everybody who names an e-mail address or phone number.

    A POST, because an identifier is a personal value and does not belong into an address. Changes nothing.
    """
    omonat = call.omonat
    found = omonat.rights.find_person(sent.kind, sent.value)
    with omonat.database.read() as tx:
        items = [
            HolderShape(subject_id=subject_id, state="proven" if state == "proven" else "claimed",
                        standing=_standing(call, tx, subject_id))
            for subject_id, state in found[:20]
        ]  # fmt: skip
    return HolderList(items=items)


@operation("GET", "/people/{subject_id}/consents", id="listConsents", right="person.find", tag=TAG)
def list_consents(call: Call, subject_id: UUID) -> ConsentHistory:
    """Every word of a person about consent, with the hash of the text behind it."""
    return _history(call, SubjectId(subject_id))


@operation(
    "POST", "/people/{subject_id}/consents", id="grantConsent", right="collect", tag=TAG, status=201,
    errors=("policy_changed", "conflict", "denied"),
)  # fmt: skip
def grant_consent(call: Call, subject_id: UUID, sent: GrantSent) -> ConsentHistory:
    """Record a consent by channel, with the proof of the text that was shown.

    Send the hash of `getConsentText` in the same language; another text is refused with `policy_changed`.
    The person needs an address for the channel.
    """
    return _grant(call, subject_id, sent)


@operation(
    "POST", "/people/{subject_id}/consents/record", id="recordConsent", right="person.correct", tag=TAG, status=201,
    most_bytes=2 * MOST_FILE + 10_000, errors=("wrong_file", "wrong_consent_form", "conflict", "denied"),
)  # fmt: skip
def record_consent(call: Call, subject_id: UUID, sent: ConsentWord) -> ConsentHistory:
    """Record a consent that a person gave by phone, in a message, at the desk or on paper, with its proof.

    A consent on paper needs its scan, one by a representative the proof of the authority. What is older than the
    person's last word about it is refused.
    """
    fields = {name: getattr(sent, name) for name in ConsentWord.__struct_fields__}
    word = Said(**{**fields, "paper": _bytes("paper", sent.paper), "proof": _bytes("proof", sent.proof)})
    call.omonat.recording.record(call.key, SubjectId(subject_id), word, call.now)
    return _history(call, SubjectId(subject_id))


def _bytes(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput({name: WRONG_FORM}) from None


@operation(
    "POST", "/people/{subject_id}/consents/withdraw", id="withdrawConsent", right="collect", tag=TAG,
    errors=("conflict",),
)  # fmt: skip
def withdraw_consent(call: Call, subject_id: UUID, sent: WithdrawalSent) -> CaseShape:
    """Withdraw a consent, effective with this call everywhere; the person gets a written notice."""
    return _withdraw(call, subject_id, sent)


@operation(
    "POST", "/consents/import", id="importConsents", right="person.correct", tag=TAG, most_bytes=MOST_BYTES,
)  # fmt: skip
def import_consents(call: Call, sent: ImportSent) -> ImportResults:
    """Take over consents that the company already has; each row by itself, each once, however often it is sent."""
    names = ImportRow.__struct_fields__
    lines = ((n, {name: getattr(row, name) for name in names}) for n, row in enumerate(sent.items))
    results = call.omonat.consent_import.take(lines, actor=call.actor, now=call.now, dry_run=sent.dry_run)
    return ImportResults(
        items=[ImportItem(index=one.line, outcome=one.outcome, code=one.code) for one in results]  # type: ignore[arg-type]  # one of the three
    )


@operation("GET", "/consents/export", id="exportConsents", right="ledger.verify", tag=TAG)
def export_consents(call: Call, query: PageQuery) -> ExportPage:
    """Every consent of everybody with its evidence, its ledger entry and its text, page by page.

    People appear by their ids only, as in `omonat consent export`. Each page is entered into the ledger. A key with
    this right is made by two people, as every other way out of all consents needs a second person.
    """
    omonat, cursor = call.omonat, call.after(query.cursor)
    page = export_page(
        omonat.database, omonat.ledger, _place(cursor) if cursor else None, query.limit, actor=call.actor, now=call.now
    )
    following = call.cursor(":".join(map(str, page.following))) if page.following else None
    return ExportPage(
        items=[from_builtins(line, ExportedConsent) for line in page.consents],
        texts=[from_builtins(text, ExportedText) for text in page.texts], next=following,
    )  # fmt: skip


def _place(cursor: str) -> tuple[SubjectId, ConsentId]:
    subject_id, _, consent_id = cursor.partition(":")
    return SubjectId(UUID(subject_id)), ConsentId(UUID(consent_id))


@operation("GET", "/consents/shown/{hash}", id="getShownText", right="person.find", tag=TAG)
def get_shown_text(call: Call, hash: Hash) -> ShownText:
    """The exact text behind the `text_hash` of a consent, however old it is."""
    return ShownText(hash=hash, text=call.omonat.consents.get_text(hash))


@operation(
    "POST", "/consents/bulk", id="grantConsents", right="collect", tag=TAG, status=207, most_bytes=MOST_BYTES,
    errors=("policy_changed", "conflict", "denied"),
)  # fmt: skip
def grant_consents(call: Call, sent: GrantBulk) -> HistoryItems:
    """Record up to 100 consents; each is taken or refused by itself."""
    made = carry_out(call, len(sent.items), lambda n: _grant(call, sent.items[n].subject_id, sent.items[n]), 201)
    return HistoryItems(
        items=[HistoryItem(index=n, status=one.status, problem=one.problem, answer=one.answer)
               for n, one in enumerate(made)]
    )  # fmt: skip


@operation(
    "POST", "/consents/withdrawals/bulk", id="withdrawConsents", right="collect", tag=TAG, status=207,
    most_bytes=MOST_BYTES, errors=("conflict",),
)  # fmt: skip
def withdraw_consents(call: Call, sent: WithdrawalBulk) -> CaseItems:
    """Withdraw up to 100 consents; each takes effect by itself."""
    made = carry_out(call, len(sent.items), lambda n: _withdraw(call, sent.items[n].subject_id, sent.items[n]), 200)
    return CaseItems(
        items=[CaseItem(index=n, status=one.status, problem=one.problem, answer=one.answer)
               for n, one in enumerate(made)]
    )  # fmt: skip


def _grant(call: Call, subject_id: UUID, sent: GrantSent) -> ConsentHistory:
    omonat = call.omonat
    declared = omonat.policies.in_force().facts.purposes.get(sent.purpose)
    if declared is None or sent.channel not in declared.channels:
        raise NotFound
    if text_hash_of(omonat.rights.consent_text(sent.channel, sent.language)) != sent.text:
        raise PolicyChanged
    omonat.rights.grant(SubjectId(subject_id), sent.purpose, sent.channel, sent.language, call.now, via=VIA)
    return _history(call, SubjectId(subject_id))


def _withdraw(call: Call, subject_id: UUID, sent: WithdrawalSent) -> CaseShape:
    case = call.omonat.rights.withdraw(
        SubjectId(subject_id), sent.purpose, sent.channel, sent.language, call.now, via=VIA, actor=call.actor
    )
    return shaped(case, CaseShape)


def _history(call: Call, subject_id: SubjectId) -> ConsentHistory:
    with call.omonat.database.read() as tx:
        if not call.omonat.vault.is_held(tx, subject_id):
            raise NotFound
        rows = call.omonat.consents.history(tx, subject_id)
    last = {(row["purpose"], row["channel"]): row["consent_id"] for row in rows}
    items = [
        shaped(
            {str(name): value for name, value in row.items()}  # names of columns are a str of their own kind
            | {"current": last[row["purpose"], row["channel"]] == row["consent_id"]},
            ConsentEventShape,
        )
        for row in rows
    ]
    return ConsentHistory(subject_id=subject_id, items=items)


def _standing(call: Call, tx: object, subject_id: SubjectId) -> list[StandingShape]:
    standing = call.omonat.consents.standing(tx, subject_id, call.now)  # type: ignore[arg-type]  # the connection of the caller
    return [
        StandingShape(purpose=purpose, channel=channel, since=consent.at, expires_at=consent.expires_at)
        for (purpose, channel), consent in sorted(standing.items())
    ]
