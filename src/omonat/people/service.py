"""Searching people by an identifier, opening a card for a stated purpose, likely matches."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import asdict
from sqlalchemy import Connection

from omonat.consent import word_now
from omonat.contracts import Contracts
from omonat.grounds import PersonState
from omonat.kernel.errors import InvalidInput, NotAllowed, NotFound, TooManyRequests
from omonat.kernel.ids import SubjectId, new_id
from omonat.keystore import SubjectKeys
from omonat.people import rules, store
from omonat.people.model import (
    KINDS,
    OPEN_FOR,
    Card,
    CaseLine,
    ContractLine,
    Found,
    History,
    Line,
    Match,
    NotOpened,
    Opening,
    Said,
    Shared,
    SubmissionLine,
)
from omonat.policy import Policies, Policy
from omonat.rights import DisclosureLine, JournalLine, Rights
from omonat.staff import Actor, require
from omonat.storage import Database
from omonat.vault import HeldRecord, Vault, rows
from omonat.vault.sealing import open_value

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_MISSING = "Please fill this in."


class People:
    """What the staff may do to find and see people. `actor`: a member of the staff or an API key."""

    def __init__(
        self, database: Database, vault: Vault, *, rights: Rights, contracts: Contracts, policies: Policies
    ) -> None:  # fmt: skip
        self._database = database
        self._vault = vault
        self._rights = rights
        self._contracts = contracts
        self._policies = policies

    # --- searching ------------------------------------------------------------------------------------------------

    def search(self, actor: Actor, kind: str, value: str, *, purpose: str, reason: str, now: datetime) -> list[Found]:
        """Everybody whom exactly this value names; there is no list and no search by a part of it.

        Counted against a listing attack: raises TooManyRequests after rules.SEARCHES_AN_HOUR. What is found is
        journalled for the person when it is opened, not before. Raises InvalidInput, NotAllowed.
        """
        require(actor, "person.find")
        self._check_stated(actor, purpose, reason)
        if kind not in KINDS:
            raise InvalidInput({"kind": "Choose what to search by."})
        self._count(actor, now)
        found = self._find(actor, kind, value.strip())
        self._database.write(lambda tx: self._note_search(tx, actor, kind, purpose, len(found), now=now))
        return found

    def _count(self, actor: Actor, now: datetime) -> None:
        with self._database.read() as tx:
            count, oldest = store.count_searches(tx, actor.actor, now - _HOUR)
        if count >= rules.most(rules.SEARCHES_AN_HOUR, actor.actor) and oldest is not None:
            raise TooManyRequests(seconds=max(1, int((oldest + _HOUR - now).total_seconds())))

    def _note_search(
        self, tx: Connection, actor: Actor, kind: str, purpose: str, found: int, *, now: datetime
    ) -> None:  # fmt: skip
        row = {"actor": actor.actor, "search_id": new_id(), "at": now, "kind": kind, "purpose": purpose, "found": found}
        store.insert_search(tx, row)
        facts: dict[str, object] = {"actor": actor.actor, "kind": kind, "purpose": purpose, "found": found}
        self._vault.events.ledger.append(tx, kind="people_searched", at=now, facts=facts)

    def _find(self, actor: Actor, kind: str, value: str) -> list[Found]:
        if not value:
            raise InvalidInput({"value": _MISSING})
        by = {"contract": self._by_contract, "case": self._by_case, "subject": self._by_id}
        if kind in by:
            made = by[kind](actor, value)
        else:
            made = [Found(subject_id=one, how=state) for one, state in self._rights.find_person(kind, value)]
        with self._database.read() as tx:
            held = store.active(tx, {one.subject_id for one in made})
        return [one for one in made if one.subject_id in held]

    def _by_contract(self, actor: Actor, value: str) -> list[Found]:
        require(actor, "contract.read")
        return [
            Found(subject_id=subject_id, how="contract", contract_id=contract_id)
            for subject_id, contract_id in self._contracts.find(value)
        ]

    def _by_case(self, actor: Actor, value: str) -> list[Found]:
        require(actor, "case.read")
        with self._database.read() as tx:
            found = store.case_subjects(tx, _id(value), value.lower().replace(" ", ""))
        return [Found(subject_id=subject_id, how="case", case_id=case_id) for subject_id, case_id in found]

    def _by_id(self, _actor: Actor, value: str) -> list[Found]:
        found = _id(value)
        return [] if found is None else [Found(subject_id=SubjectId(found), how="subject")]

    def _check_stated(self, actor: Actor, purpose: str, reason: str) -> None:
        problems = {}
        if purpose not in actor.purposes or purpose not in self._policies.in_force().facts.purposes:
            problems["purpose"] = "Choose one of the purposes of your role."
        if not reason.strip():
            problems["reason"] = _MISSING
        elif len(reason) > rules.REASON_LENGTH:
            problems["reason"] = "This is too long."
        if problems:
            raise InvalidInput(problems)

    # --- opening --------------------------------------------------------------------------------------------------

    def open(self, actor: Actor, subject_id: SubjectId, *, purpose: str, reason: str, now: datetime) -> Opening:
        """Open a card for a purpose, for a quarter of an hour: the journal line that the person sees is written now.

        Raises InvalidInput, NotFound, NotAllowed, TooManyRequests after rules.OPENINGS_AN_HOUR.
        """
        require(actor, "person.read")
        self._check_stated(actor, purpose, reason)
        keys = self._vault.keystore.open_subject(subject_id)
        return self._database.write(lambda tx: self._open(tx, actor, keys, purpose, reason.strip(), now=now))

    def _open(
        self, tx: Connection, actor: Actor, keys: SubjectKeys, purpose: str, reason: str, *, now: datetime
    ) -> Opening:  # fmt: skip
        if store.count_openings(tx, actor.actor, now - _HOUR) >= rules.most(rules.OPENINGS_AN_HOUR, actor.actor):
            raise TooManyRequests(seconds=int(_HOUR.total_seconds()) // 4)
        person = self._vault.state(tx, keys.subject_id, now)
        if person.state != "active":
            raise NotFound()
        held = [one for one in rows.records_of(tx, keys.subject_id) if keys.has(one.compartment)]
        categories = rules.may_open(self._policies.in_force(tx).facts, person, held, purpose, now)
        self._vault.journal(
            tx, keys, "read", actor=actor.actor, purpose=purpose, categories=categories, reason=reason, now=now
        )
        store.end_openings(tx, keys.subject_id, actor.actor)
        opening = Opening(
            subject_id=keys.subject_id, opening_id=new_id(), actor=actor.actor, purpose=purpose,
            categories=tuple(categories), opened_at=now, until=now + OPEN_FOR,
        )  # fmt: skip
        store.insert_opening(tx, opening)
        return opening

    def close(self, actor: Actor, subject_id: SubjectId) -> None:
        """Done with this card before the time is over; repeating it is harmless."""
        self._database.write(lambda tx: store.end_openings(tx, subject_id, actor.actor))

    def opening(self, actor: Actor, subject_id: SubjectId, now: datetime) -> Opening:
        """The card that this member has open. Raises NotOpened; NotAllowed once the purpose is no longer his."""
        with self._database.read() as tx:
            return self._opening(tx, actor, subject_id, now)

    def _opening(self, tx: Connection, actor: Actor, subject_id: SubjectId, now: datetime) -> Opening:
        return _standing(actor, store.openings(tx, subject_id, actor.actor, now))

    # --- the card -------------------------------------------------------------------------------------------------

    def card(
        self, actor: Actor, subject_id: SubjectId, now: datetime, *, policy: Policy | None = None
    ) -> Card:  # fmt: skip
        """What the member may see for the purpose that he stated; everything else masked, with the reason.

        Asked again at each look, so a withdrawal or a suspension closes what was open a moment ago. `policy`: the
        facts in force, where they have been read for this page already. Raises NotOpened.
        """
        require(actor, "person.read")
        with self._database.read() as tx:
            around = store.around(tx, subject_id, actor.actor, now)
            opening = _standing(actor, around["opening"])
            person = self._vault.state(tx, subject_id, now)
            held = store.records_of(tx, subject_id)
            policy = policy or self._policies.in_force(tx).facts
        if person.state != "active":
            raise NotFound()
        keys = self._vault.keystore.open_subject(subject_id)
        masks = rules.Masks(
            policy, person, purpose=opening.purpose, role=actor.purposes, covered=opening.categories,
            has_key=keys.has, now=now,
        )  # fmt: skip
        lines = tuple(_line(keys, record, proof, masks.of(record)) for record, proof in held)
        return Card(
            opening=opening, lines=lines, consents=person.consents,
            words=_words(policy, person, now), restrictions=person.restrictions,
            holds=person.holds, cases=_cases(around["case"]), contracts=_contracts(around["contract"], lines),
            submissions=_submissions(around["submission"]),
        )  # fmt: skip

    def history(self, actor: Actor, subject_id: SubjectId, now: datetime) -> History:
        """The journal, disclosures and consents of a person whose card is open. Raises NotOpened."""
        require(actor, "person.read")
        with self._database.read() as tx:
            self._opening(tx, actor, subject_id, now)
            journal = rows.journal_of(tx, subject_id)
            received = store.disclosures_of(tx, subject_id)
            said = store.consents_of(tx, subject_id)
            facts = self._policies.in_force(tx).facts
        return History(
            journal=tuple(JournalLine(**{**row, "categories": tuple(row["categories"])}) for row in journal),
            disclosures=tuple(
                DisclosureLine(**{**row._mapping, "categories": tuple(row.categories)}) for row in received
            ),
            consents=_said(facts, said, now),
        )

    # --- likely matches -------------------------------------------------------------------------------------------

    def matches(self, actor: Actor, subject_id: SubjectId, now: datetime) -> list[Match]:
        """Others who name an identifier of this person, with what speaks for and against; no value is opened.

        Raises NotOpened.
        """
        require(actor, "person.read")
        with self._database.read() as tx:
            self._opening(tx, actor, subject_id, now)
            shared = store.sharing(tx, subject_id)
            ids = {SubjectId(row.subject_id) for row in shared}
            sent = store.submissions_of(tx, ids) if ids else []
            proven = store.proven_by(tx, ids | {subject_id}) if ids else []
        by_subject: dict[SubjectId, list[Any]] = {}
        for row in shared:
            by_subject.setdefault(SubjectId(row.subject_id), []).append(row)
        return [_match(one, found, sent, proven, subject_id) for one, found in by_subject.items()]

    def prune(self, now: datetime) -> int:
        """Forget searches and openings of yesterday; part of the nightly sweep."""
        return self._database.write(lambda tx: store.prune(tx, now - _DAY))


def _standing(actor: Actor, found: list[Opening]) -> Opening:
    """Raises NotOpened; NotAllowed once the purpose is no longer one of his."""
    if not found:
        raise NotOpened
    if found[0].purpose not in actor.purposes:
        raise NotAllowed(right=found[0].purpose)
    return found[0]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _line(keys: SubjectKeys, held: HeldRecord, proof: str | None, reasons: tuple[str, ...]) -> Line:
    """Opened only when nothing speaks against it: the journal line was committed when the card was opened."""
    return Line(
        record_id=str(held.record_id), field=held.field, category=held.category, purpose=held.purpose,
        ground=held.ground, source=held.source, collected_at=held.collected_at, keep_until=held.keep_until,
        proven=None if held.tag is None else proof == "proven", reasons=reasons,
        value="" if reasons else open_value(keys, held),
    )  # fmt: skip


def _said(policy: Policy, found: Iterable[Any], now: datetime) -> tuple[Said, ...]:
    """The history, newest first: of each purpose and channel the first line is the last word."""
    seen: set[tuple[str, str]] = set()
    lines = []
    for row in found:
        pair, line = (row.purpose, row.channel), {str(name): value for name, value in row._mapping.items()}
        lines.append(Said(**line, word=word_now(policy, line, now, is_last=pair not in seen)))
        seen.add(pair)
    return tuple(lines)


def _words(policy: Policy, person: PersonState, now: datetime) -> dict[tuple[str, str], str]:
    return {
        (purpose, channel): word_now(
            policy, {**asdict(said), "purpose": purpose, "channel": channel}, now, is_last=True
        )
        for (purpose, channel), said in person.consents.items()
    }  # fmt: skip


def _cases(found: Iterable[Any]) -> tuple[CaseLine, ...]:
    return tuple(
        CaseLine(case_id=row.id, kind=row.a, state=row.b, opened_at=row.at, due_at=row.due, outcome=row.outcome)
        for row in found
    )


def _contracts(found: Iterable[Any], lines: Iterable[Line]) -> tuple[ContractLine, ...]:
    values = {line.record_id: line.value for line in lines}
    return tuple(
        ContractLine(
            contract_id=row.id, state=row.a, starts_on=row.first, ends_on=row.last, ended_on=row.ended,
            number=values.get(str(row.record), ""),
        )
        for row in found
    )  # fmt: skip


def _submissions(found: Iterable[Any]) -> tuple[SubmissionLine, ...]:
    return tuple(SubmissionLine(submission_id=row.id, form=row.a, submitted_at=row.at) for row in found)


def _match(
    subject_id: SubjectId, found: list[Any], sent: list[Any], proven: list[Any], here: SubjectId
) -> Match:  # fmt: skip
    shared = tuple(Shared(kind=row.kind, here=row.here, there=row.there) for row in found)
    of = {one: {(row.kind, row.tag) for row in proven if row.subject_id == one} for one in (here, subject_id)}
    speaks_for, speaks_against = rules.weigh(shared, here=of[here], there=of[subject_id])
    submissions = tuple(
        SubmissionLine(submission_id=row.submission_id, form=row.form, submitted_at=row.submitted_at)
        for row in sent
        if row.subject_id == subject_id
    )
    return Match(
        subject_id=subject_id, since=found[0].created_at, shared=shared, submissions=submissions,
        speaks_for=tuple(speaks_for), speaks_against=tuple(speaks_against),
    )  # fmt: skip
