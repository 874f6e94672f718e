"""Consents that the company already has: rows of a file, each with its proof, taken once (Art. 31).

A row names an address, what was agreed to, when, how, and the exact text. Each row is one act by itself: a file that is
stopped is given again, and rows that were taken change nothing. What is wrong is told by line and code, never by value.
A paper is named by its number, as its scan cannot come along; what a representative gave is recorded by hand.
The address counts as proven by the company's evidence, unless the policy asks for a double opt-in or another holds it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta

import msgspec
from sqlalchemy import Connection

from omonat.consent import store
from omonat.consent.confirming import CHANNEL_KINDS, ask_to_confirm
from omonat.consent.forms import SAID, WrongConsentForm, check_form, evidence_problems
from omonat.consent.model import ANY_PROVABLE, OFFER, PERSON, REPRESENTATIVE, WRITTEN, ConsentGiven, Evidence
from omonat.consent.rules import parts_of
from omonat.consent.service import Consents
from omonat.crypto import keyed_tag
from omonat.jobs import Outbox
from omonat.kernel.clock import TASHKENT
from omonat.kernel.ids import SubjectId
from omonat.kernel.language import LANGUAGES
from omonat.kernel.secret import Sealed
from omonat.keystore import Compartment, SubjectKeys
from omonat.policy import Policies, Policy
from omonat.storage import Database
from omonat.vault import Origin, Value, Vault, WrongValue, normalise, rows

COLUMNS = (
    "address", "purpose", "channel", "given_at", "method", "language", "text", "reference", "offset_seconds", "script",
    "given_by", "offer",
)  # fmt: skip
NEEDED = COLUMNS[:7]
VIA = "import"
_LONGEST_ADDRESS, _LONGEST_TEXT, _LONGEST_WORD = 320, 20_000, 60


class RowRefused(Exception):
    """Why a row is not taken: a stable code."""


class RowResult(msgspec.Struct, frozen=True):
    """What became of a row. `outcome`: taken, known (taken before), or refused with `code`."""

    line: int
    outcome: str
    code: str = ""


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row that can be understood; its address is sealed."""

    kind: str
    address: Sealed[str]
    category: str
    purpose: str
    channel: str
    language: str
    text: str
    evidence: Evidence
    tag: bytes


class Importing:
    """Takes consents over."""

    def __init__(
        self, database: Database, vault: Vault, consents: Consents, *, policies: Policies, outbox: Outbox
    ) -> None:
        self._database = database
        self._vault = vault
        self._consents = consents
        self._policies = policies
        self._outbox = outbox

    def take(
        self, lines: Iterable[tuple[int, Mapping[str, str]]], *, actor: str, now: datetime, dry_run: bool = False
    ) -> Iterator[RowResult]:
        """Take rows one by one; with `dry_run` everything is looked at and nothing is stored."""
        seen: set[bytes] = set()  # nothing is stored that a repeat within the file would be known by
        for line, fields in lines:
            try:
                row = self._read(fields, actor, now)
                if dry_run:
                    taken = row.tag not in seen and self._would_take(row, now)
                    seen.add(row.tag)
                else:
                    taken = self._take(row, now)
            except RowRefused as refused:
                yield RowResult(line, "refused", str(refused))
            else:
                yield RowResult(line, "taken" if taken else "known")

    # --- reading ----------------------------------------------------------------------------------------------------

    def _read(self, fields: Mapping[str, str], actor: str, now: datetime) -> _Row:
        policy = self._policies.in_force().facts
        word = {name: (fields.get(name) or "").strip() for name in COLUMNS}
        if any(not word[name] for name in NEEDED):
            raise RowRefused("missing_column")
        declared = policy.purposes.get(word["purpose"])
        if declared is None or word["channel"] not in declared.channels:
            raise RowRefused("unknown_purpose" if declared is None else "unknown_channel")
        if word["language"] not in LANGUAGES:
            raise RowRefused("unknown_language")
        kind = CHANNEL_KINDS[word["channel"]]
        evidence = _evidence(word, actor, now)
        categories, _third_party, _cross_border = parts_of(policy, word["purpose"])
        try:
            check_form(policy, categories, evidence)
        except WrongConsentForm:
            raise RowRefused("wrong_form") from None
        if (end := policy.consent_term.end(evidence.given_at)) is not None and end <= now:
            raise RowRefused("run_out")
        canonical = "\x1f".join(word[name] for name in COLUMNS)
        tag = keyed_tag(self._vault.keystore.secret("token"), b"consent import", canonical.encode())
        return _Row(
            kind=kind, address=Sealed(_address(kind, word["address"])), category=_category(policy, word, kind),
            purpose=word["purpose"], channel=word["channel"], language=word["language"],
            text=word["text"][:_LONGEST_TEXT], evidence=evidence, tag=tag,
        )  # fmt: skip

    # --- taking -----------------------------------------------------------------------------------------------------

    def _would_take(self, row: _Row, now: datetime) -> bool:
        with self._database.read() as tx:
            if store.was_imported(tx, row.tag):
                return False
            self._check(tx, row, self._find(tx, row), now)
        return True

    def _take(self, row: _Row, now: datetime) -> bool:
        with self._database.read() as tx:
            if store.was_imported(tx, row.tag):
                return False
            found = self._find(tx, row)
            self._check(tx, row, found, now)
        part = Compartment(row.purpose, row.category)
        if found is None:
            keys = self._vault.create_keys([part], now)
        else:
            keys = self._vault.keystore.add_compartments(self._vault.keystore.open_subject(found), [part], now)
        return self._database.write(lambda tx: self._store(tx, row, keys, is_new=found is None, now=now))

    def _store(self, tx: Connection, row: _Row, keys: SubjectKeys, *, is_new: bool, now: datetime) -> bool:
        if store.was_imported(tx, row.tag):
            return False  # by another process, meanwhile
        if is_new and self._find(tx, row) is not None:
            raise RowRefused("repeat")  # somebody of that address came meanwhile: give the file again
        if is_new:
            self._vault.insert_subject(tx, keys, "person", now)
        else:
            self._check(tx, row, keys.subject_id, now)
        self._hold_address(tx, row, keys, now)
        given = ConsentGiven(
            purpose=row.purpose, channel=row.channel, language=row.language, via=VIA,
            action=self._consents.word_for(tx, keys.subject_id, row.purpose, row.channel, now),
            text_hash=self._consents.remember_text(tx, row.language, row.text, now),
        )  # fmt: skip
        waiting = self._consents.record_or_wait(tx, keys, given, now=now, evidence=row.evidence)
        if waiting is not None:
            ask_to_confirm(self._outbox, tx, keys.subject_id, waiting, language=row.language, now=now)
        store.insert_import(tx, row.tag, now)
        return True

    def _hold_address(self, tx: Connection, row: _Row, keys: SubjectKeys, now: datetime) -> None:
        """The address under the purpose, unless it is held there; proven by the evidence unless it has to answer."""
        self._vault.index.bring_up(tx, keys)
        tag = self._vault.index.at(tx).write(tx, row.kind, row.address.reveal())
        held = rows.records_of(tx, keys.subject_id)
        if not any(one.purpose == row.purpose and one.tag == tag and not one.is_due(now) for one in held):
            value = Value(row.kind, row.category, row.kind, row.address)
            origin = Origin(purpose=row.purpose, ground="consent", source=VIA)
            self._vault.collect(tx, keys, [value], origin, now=now)
        if row.channel in self._policies.in_force(tx).facts.purposes[row.purpose].double_opt_in:
            return
        for one in rows.identifiers_of(tx, keys.subject_id):
            if (one.kind, one.tag) == (row.kind, tag) and not rows.holders(tx, row.kind, tag):
                self._vault.prove(tx, keys, one.identifier_id, shared=False, now=now)

    def _find(self, tx: Connection, row: _Row) -> SubjectId | None:
        """Whoever has proven the address; None: a person of his own, for what is only typed belongs to nobody yet."""
        tags = self._vault.index.at(tx).all(row.kind, row.address.reveal())
        held = {subject_id for tag in tags for _number, subject_id in rows.holders(tx, row.kind, tag)}
        if len(held) > 1:
            raise RowRefused("several_people")
        return next(iter(held)) if held else store.imported_holder(tx, row.kind, tags, VIA)

    def _check(self, tx: Connection, row: _Row, subject_id: SubjectId | None, now: datetime) -> None:
        """Neither a suppression nor a newer word of the person may stand against it."""
        if self._consents.suppression.is_kept(tx, row.purpose, row.kind, row.address.reveal(), now):
            raise RowRefused("suppressed")
        if subject_id is None:
            return
        said = self._vault.state(tx, subject_id, now).consents.get((row.purpose, row.channel))
        if said is not None and said.at > row.evidence.given_at:
            raise RowRefused("newer_word")


def _address(kind: str, typed: str) -> str:
    try:
        return normalise(kind, typed, _LONGEST_ADDRESS)
    except WrongValue:
        raise RowRefused("wrong_address") from None


def _category(policy: Policy, word: Mapping[str, str], kind: str) -> str:
    names = policy.purposes[word["purpose"]].categories
    found = next((name for name in names if policy.categories[name].kind == kind), None)
    if found is None:
        raise RowRefused("unknown_channel")
    return found


def _evidence(word: Mapping[str, str], actor: str, now: datetime) -> Evidence:
    form = WRITTEN if word["method"] in ("paper", "e_document") else OFFER if word["offer"] == "yes" else ANY_PROVABLE
    offset = word["offset_seconds"]
    if offset and not (offset.isascii() and offset.isdigit() and len(offset) < 7):
        raise RowRefused("wrong_offset")
    if word["method"] not in SAID or len(word["reference"]) > 2 * _LONGEST_WORD or len(word["script"]) > _LONGEST_WORD:
        raise RowRefused("wrong_method")
    evidence = Evidence(
        form=form, method=word["method"], given_at=_moment(word["given_at"], now), actor=actor,
        given_by=word["given_by"] or PERSON, reference=word["reference"], script=word["script"],
        offset_seconds=int(offset) if offset else None,
    )  # fmt: skip
    if evidence.given_by == REPRESENTATIVE:
        raise RowRefused("record_by_hand")  # the paper by which he acts is a file, and a row brings none
    problems = evidence_problems(evidence)
    if problems:
        raise RowRefused(f"wrong_{next(iter(problems))}")
    if evidence.method == "paper" and not evidence.reference:
        raise RowRefused("wrong_reference")  # no scan comes with a row: the number says where the paper is found
    return evidence


def _moment(text: str, now: datetime) -> datetime:
    """A day, or a moment with its zone; a day is its noon in Tashkent, today is now."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise RowRefused("wrong_date") from None
    if at.tzinfo is None:
        at = datetime.combine(at.date(), time(12), TASHKENT)
        at = min(at, now) if at.date() == now.astimezone(TASHKENT).date() else at
    if at > now + timedelta(minutes=1):
        raise RowRefused("future_date")
    return at
