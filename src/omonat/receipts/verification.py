"""Checking a receipt from its bytes and a key: no database, no server, no installation. Never raises for a bad file."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec

from omonat.kernel.codec import from_json, to_builtins, to_canonical_json
from omonat.ledger import BadNote, Checkpoint, VerifierKey, open_checkpoint, read_verifier_key
from omonat.ledger.merkle import is_included, leaf_hash
from omonat.ledger.model import Body
from omonat.receipts import jws
from omonat.receipts.contradictions import differing
from omonat.receipts.model import Evidence, File, Statement, to_bytes
from omonat.receipts.words import FINDINGS, NOT_PROVEN, PROVEN, Sentence
from omonat.vault.events import commitment

LARGEST = 1_000_000


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """`findings` empty: the receipt holds. `statement` is None when the file cannot be read."""

    statement: Statement | None
    findings: tuple[Sentence, ...]
    proven: tuple[Sentence, ...]
    not_proven: tuple[Sentence, ...]

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return not self.findings

    def facts(self, language: str = "en") -> dict[str, Any]:
        """As plain data, its sentences in `language`."""
        said = {name: [{"code": one.code, "message": one.text(language)} for one in getattr(self, name)]
                for name in ("findings", "proven", "not_proven")}  # fmt: skip
        return {"ok": self.ok, **said, "statement": to_builtins(self.statement)}


def verify_receipt(content: bytes, key: VerifierKey | None) -> Outcome:
    """Check a file against `key`; with None against the key that it brings along, which is itself a finding."""
    try:
        file = from_json(content[:LARGEST], File)
        statement = from_json(jws.payload(file.statement), Statement)
        own_key = read_verifier_key(file.evidence.key)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # ValueError: not UTF-8, no JWS, no key
        code = "is_pdf" if content.startswith(b"%PDF-") else "unreadable"
        return _unreadable(Sentence(code, FINDINGS[code]))
    check = _Check(file, statement, key or own_key)
    if key is None:
        check.find("key_not_given")
    elif own_key != key:
        check.find("other_key")
    if to_bytes(file) != content:
        check.find("rewritten")
    return check.run()


def _unreadable(finding: Sentence) -> Outcome:
    return Outcome(statement=None, findings=(finding,), proven=(), not_proven=())


class _Check:
    def __init__(self, file: File, statement: Statement, key: VerifierKey) -> None:
        self.file, self.statement, self.key = file, statement, key
        self.evidence: Evidence = file.evidence
        self.findings: list[Sentence] = []
        self.proven: list[Sentence] = []

    def find(self, code: str, **places: Any) -> None:
        self.findings.append(Sentence(code, FINDINGS[code], places))

    def prove(self, code: str, **places: Any) -> None:
        self.proven.append(Sentence(code, PROVEN[code], places))

    def run(self) -> Outcome:
        self._signature()
        body = self._event()
        if body is not None:
            self._person(body)
        self._inclusion()
        # What follows from a forged or changed part is no proof of anything.
        proven = tuple(self.proven) if all(one.code == "proof_missing" for one in self.findings) else ()
        return Outcome(
            statement=self.statement, findings=tuple(self.findings), proven=proven,
            not_proven=tuple(self._not_proven()),
        )  # fmt: skip

    def _signature(self) -> None:
        before = len(self.findings)
        try:
            jws.verify(self.file.statement, self.key.public_key)
        except jws.BadSignature:
            self.find("statement_forged")
        if self.statement.iss != self.key.name:
            self.find("other_issuer")
        if sha256(to_canonical_json(self.evidence)).hexdigest() != self.statement.evidence:
            self.find("evidence_changed")
        if len(self.findings) == before:
            self.prove("signed", origin=self.key.name, moment=_minute(self.statement.made_at))

    def _event(self) -> Body | None:
        """The event behind the entry, when the statement says the same."""
        raw = self.evidence.event.encode()
        try:
            body = from_json(raw, Body)
        except (msgspec.MsgspecError, UnicodeError):
            body = None
        if body is None or sha256(raw).hexdigest() != self.statement.entry:
            self.find("event_changed")
            return None
        other = sorted(set(differing(self.statement, body)))
        if other:
            self.find("says_other", words=", ".join(other))
            return None
        words = ", ".join(f"{word} {said}" for word, said in self.statement.refers.items())
        self.prove("event", kind=body.kind, moment=_minute(body.at), words=words)
        return body

    def _person(self, body: Body) -> None:
        committed = body.facts.get("committed")
        if self.statement.subject is None:
            if committed is not None:
                self.find("other_person")
            return
        opening = self.evidence.openings.get("subject")
        if opening is None or not isinstance(committed, dict) or opening.value != self.statement.subject:
            self.find("other_person")
            return
        try:
            opened = commitment(bytes.fromhex(opening.salt), "subject", opening.value)
        except ValueError:
            opened = ""
        if opened != committed.get("subject"):
            self.find("other_person")
        else:
            self.prove("person", subject=self.statement.subject)

    def _inclusion(self) -> None:
        evidence = self.evidence
        if evidence.position is None or evidence.proof is None or evidence.checkpoint is None:
            self.find("proof_missing")
            return
        try:
            head = open_checkpoint(evidence.checkpoint.encode(), self.key)
        except BadNote:
            self.find("checkpoint_forged")
            return
        if self._is_in(head, evidence.position, evidence.proof):
            self.prove("included", position=evidence.position, size=head.size)
        else:
            self.find("not_included")

    def _is_in(self, head: Checkpoint, position: int, proof: tuple[str, ...]) -> bool:
        leaf = leaf_hash(sha256(self.evidence.event.encode()).digest())
        try:
            path = [bytes.fromhex(node) for node in proof]
        except ValueError:
            return False
        return is_included(leaf, position, head.size, proof=path, root=head.root)

    def _not_proven(self) -> Iterator[Sentence]:
        by_kind = ("copies", "whose") if self.statement.kind == "destruction" else ("who",)
        for code in ("truth", "rest", "one_ledger", *by_kind):
            yield Sentence(code, NOT_PROVEN[code])


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")
