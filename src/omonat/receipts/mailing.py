"""A receipt by mail, to the proven address of the person who asks for it on his own page (clause 7.1 a).

The outbox keeps ids and words; the files are made when the letter goes out and are stored nowhere.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.documents import Names
from omonat.jobs import Outbox
from omonat.kernel.clock import Clock, local_date
from omonat.kernel.errors import NotFound, TooManyRequests
from omonat.kernel.ids import SubjectId, new_id
from omonat.law import read_rule_pack
from omonat.policy import Policies
from omonat.receipts.model import Kind, Made, Wanted
from omonat.receipts.service import Receipts
from omonat.receipts.sheet import receipt_pdf
from omonat.rights import Addressed, Addresses, opened_address
from omonat.storage import Database
from omonat.vault import HeldIdentifier, Vault, rows

WORK = "receipt_mail"
MOST_AN_HOUR = 10
_HOUR = timedelta(hours=1)


class MailedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a letter; `name` says what it is and of which day, never whose."""

    name: str
    media: str
    content: bytes


class ReceiptPost(Protocol):
    """Writes the letter around the files, and hands it to the channel of the address."""

    def send_receipt(self, to: Addressed, files: tuple[MailedFile, ...], message_id: str) -> None:
        """Raises an OmonatError whose `temporary` says whether the same letter may be sent later."""
        ...


class ReceiptLetters:
    """Takes the wish of a signed-in person, and carries it out as a work of the outbox."""

    def __init__(
        self, database: Database, vault: Vault, receipts: Receipts, *, policies: Policies, outbox: Outbox,
        post: ReceiptPost, clock: Clock,
    ) -> None:  # fmt: skip
        self._database = database
        self._vault = vault
        self._receipts = receipts
        self._policies = policies
        self._outbox = outbox
        self._post = post
        self._clock = clock
        self._addresses = Addresses(vault)

    def has_address(self, subject_id: SubjectId) -> bool:
        """Whether the person has proven an e-mail address."""
        with self._database.read() as tx:
            return _email_of(tx, subject_id) is not None

    def ask(self, subject_id: SubjectId, kind: Kind, receipt_id: UUID, *, language: str, now: datetime) -> None:
        """Want it mailed. Raises NotFound for what is not this person's or has nowhere to go, TooManyRequests."""
        if not any((line.kind, line.id) == (kind, receipt_id) for line in self._receipts.lines(subject_id)):
            raise NotFound
        keys = self._vault.keystore.open_subject(subject_id)
        mark = str(new_id())
        payload = {"subject": str(subject_id), "kind": kind, "receipt": str(receipt_id), "language": language,
                   "mark": mark}  # fmt: skip

        def unit(tx: Connection) -> None:
            if _email_of(tx, subject_id) is None:
                raise NotFound
            _check_limit(tx, subject_id, now)
            self._vault.journal(
                tx, keys, "export", actor="subject", purpose="legal", categories=[], reason=WORK, now=now
            )
            self._outbox.add(tx, kind=WORK, business_key=f"{WORK}:{mark}", payload=payload, now=now)

        self._database.write(unit)

    def send(self, payload: Mapping[str, str]) -> None:
        """Work `receipt_mail`. Who was erased, joined to another or has the address no more, gets nothing."""
        now, subject_id = self._clock.now(), SubjectId(UUID(payload["subject"]))
        to = self._address(subject_id, payload["language"], now)
        if to is None:
            return
        wanted = Wanted(kind=msgspec.convert(payload["kind"], Kind), subject_id=subject_id, id=UUID(payload["receipt"]))
        try:
            made = self._receipts.make(wanted, now)
        except NotFound:  # held no more since it was asked for
            return
        self._post.send_receipt(to, self._files(made, wanted, payload["language"], now), f"receipt:{payload['mark']}")

    def _address(self, subject_id: SubjectId, language: str, now: datetime) -> Addressed | None:
        """The proven e-mail, its use journalled before it is opened."""
        keys = self._addresses.find_keys(subject_id)
        if keys is None:
            return None
        with self._database.read() as tx:
            held = _email_of(tx, subject_id)
        if held is None:
            return None
        chosen = self._database.write(
            lambda tx: self._addresses.choose(
                tx, keys, held.identifier_id, purpose="legal", reason=WORK, now=now
            )
        )  # fmt: skip
        return opened_address(keys, chosen, language) if chosen is not None else None

    def _files(self, made: Made, wanted: Wanted, language: str, now: datetime) -> tuple[MailedFile, ...]:
        facts = self._policies.in_force().facts
        names = Names(language, facts, read_rule_pack(facts.law))
        name = f"receipt-{wanted.kind}-{local_date(now).isoformat()}{'' if made.proven else '-without-proof'}"
        return (
            MailedFile(name=f"{name}.json", media="application/json", content=made.content),
            MailedFile(name=f"{name}.pdf", media="application/pdf", content=receipt_pdf(made, names)),
        )


def _email_of(tx: Connection, subject_id: SubjectId) -> HeldIdentifier | None:
    held = rows.identifiers_of(tx, subject_id)
    return next((one for one in held if one.kind == "email" and one.state == "proven"), None)


def _check_limit(tx: Connection, subject_id: SubjectId, now: datetime) -> None:
    """The person's own journal counts: what he asked for in the last hour."""
    asked = [
        line["at"] for line in rows.journal_of(tx, subject_id)
        if line["reason"] == WORK and line["operation"] == "export" and line["at"] > now - _HOUR
    ]  # fmt: skip
    if len(asked) >= MOST_AN_HOUR:
        raise TooManyRequests(seconds=int((min(asked) + _HOUR - now).total_seconds()) + 1)
