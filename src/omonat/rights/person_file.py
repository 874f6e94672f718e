"""Everything held about one person, in one shape (clause 7.1 a; ZRU-547 Arts 22, 30)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from omonat.consent import Consents, word_now
from omonat.contracts import Contract, contracts_of
from omonat.grounds import STANDING
from omonat.kernel.clock import local_date
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import SubjectId
from omonat.policy import Policies, Policy
from omonat.rights import store
from omonat.rights.model import (
    ConsentLine,
    ContractLine,
    DisclosureLine,
    HeldValue,
    HoldLine,
    JournalLine,
    PaperLine,
    PersonFile,
)
from omonat.storage import Database
from omonat.vault import HeldIdentifier, OpenedRecord, Vault, masked, rows


class PersonFiles:
    """Puts a person's file together. What is due is not shown; what the law keeps is, with the law and the day."""

    def __init__(self, database: Database, vault: Vault, consents: Consents, policies: Policies) -> None:
        self._database = database
        self._vault = vault
        self._consents = consents
        self._policies = policies

    def make(self, subject_id: SubjectId, now: datetime) -> PersonFile:
        """The file at this moment. Raises NotFound when nothing is held, or when it is being destroyed."""
        opened = [each for each in self._vault.read_own(subject_id) if not each.record.is_due(now)]
        with self._database.read() as tx:
            if store.subject_state(tx, subject_id) != "active":
                raise NotFound()
            return self._make(tx, subject_id, opened, now)

    def _make(self, tx: Connection, subject_id: SubjectId, opened: list[OpenedRecord], now: datetime) -> PersonFile:
        holds = holds_of(tx, subject_id, now)
        identifiers, version = rows.identifiers_of(tx, subject_id), self._policies.in_force(tx)
        return PersonFile(
            subject_id=str(subject_id),
            made_at=now,
            policy_number=version.number,
            values=tuple(_value(each, identifiers, holds) for each in opened),
            consents=_consents(version.facts, self._consents.history(tx, subject_id), now),
            disclosures=tuple(_disclosure(row) for row in store.disclosures_of(tx, subject_id)),
            journal=tuple(_journal(row) for row in rows.journal_of(tx, subject_id)),
            holds=holds,
            restrictions=tuple((r.kind, r.purpose, r.since) for r in store.restrictions_of(tx, subject_id)),
            cases=tuple(store.cases_of(tx, subject_id)),
            visit_days=store.count_visit_days(tx, subject_id),
            contracts=tuple(_contract(each, opened) for each in contracts_of(tx, subject_id)),
        )


def holds_of(tx: Connection, subject_id: SubjectId, now: datetime) -> tuple[HoldLine, ...]:
    """The holds that stand today in Tashkent."""
    rows = store.holds_of(tx, subject_id, local_date(now))
    return tuple(
        HoldLine(
            purpose=row.purpose, category=row.category, law=row.law, until_on=row.until_on, reason=row.reason
        )
        for row in rows
    )  # fmt: skip


def covers(hold: HoldLine, purpose: str, category: str) -> bool:
    """Whether the hold keeps this part."""
    return hold.purpose in (None, purpose) and hold.category in (None, category)


def _value(opened: OpenedRecord, identifiers: Sequence[HeldIdentifier], holds: Sequence[HoldLine]) -> HeldValue:
    held, text = opened.record, opened.value.reveal()
    named = next((each for each in identifiers if held.tag is not None and each.tag == held.tag), None)
    hides = held.tag is not None and (named is None or named.state != "proven")
    kept = next((hold.law for hold in holds if covers(hold, held.purpose, held.category)), None)
    return HeldValue(
        record_id=str(held.record_id), field=held.field, category=held.category, purpose=held.purpose,
        ground=held.ground, source=held.source, collected_at=held.collected_at, keep_until=held.keep_until,
        kept_by_law=kept, masked=hides, proven=None if held.tag is None else not hides,
        value=masked(named.kind if named else held.category, text) if hides else text,
    )  # fmt: skip


def _consents(policy: Policy, history: Sequence[dict[str, Any]], now: datetime) -> tuple[ConsentLine, ...]:
    """Newest first. `current`: the last word for its purpose and channel, and not run out."""
    last = {(row["purpose"], row["channel"]): row["consent_id"] for row in history}
    names = ("purpose", "channel", "action", "at", "expires_at", "policy_number", "language", "text_hash", "via")
    lines = []
    for row in reversed(history):
        stands = row["action"] not in STANDING or row["expires_at"] is None or now < row["expires_at"]
        is_last = last[row["purpose"], row["channel"]] == row["consent_id"]
        word = word_now(policy, row, now, is_last=is_last)
        lines.append(ConsentLine(**{name: row[name] for name in names}, current=stands and is_last, word=word))
    return tuple(lines)


def _disclosure(row: Any) -> DisclosureLine:
    return DisclosureLine(
        recipient=row.recipient, purpose=row.purpose, ground=row.ground, categories=tuple(row.categories), at=row.at,
        notified_at=row.notified_at,
    )  # fmt: skip


def _journal(row: dict[str, Any]) -> JournalLine:
    return JournalLine(**{**row, "categories": tuple(row["categories"])})


def _contract(held: Contract, opened: Sequence[OpenedRecord]) -> ContractLine:
    """What is over its term is not shown, as everywhere in the file: the line with its days stays."""
    values = {each.record.record_id: each.value.reveal() for each in opened}
    return ContractLine(
        contract_id=str(held.contract_id), state=held.state, number=values.get(held.number_record_id),
        about=values.get(held.about_record_id), starts_on=held.starts_on, ends_on=held.ends_on, ended_on=held.ended_on,
        documents=tuple(
            PaperLine(record_id=str(one.record_id), media=one.media, size=one.size, added_at=one.added_at)
            for one in held.documents if one.record_id in values
        ),
    )  # fmt: skip
