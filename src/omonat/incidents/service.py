"""Use cases of incidents (clause 6.2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.incidents import rules, store
from omonat.incidents.model import Assessment, Duty, Found, Incident, Progress, Search, Step, WrongStep
from omonat.jobs import Outbox
from omonat.kernel.clock import iso
from omonat.kernel.errors import Conflict, InvalidInput, NotFound
from omonat.kernel.ids import IncidentId, SubjectId, new_id
from omonat.kernel.language import LANGUAGES
from omonat.law import RulePack, read_rule_pack
from omonat.policy import Policies
from omonat.rights import Rights
from omonat.staff import Actor, require
from omonat.storage import Database
from omonat.vault import Vault

MANAGE = "incident.manage"
LETTER_BATCH = 100
_LONGEST_NOTE, _LONGEST_TEXT, _SHORTEST_TEXT = 2000, 1500, 20


class Incidents:
    """The register of incidents, from detection to the lesson; those concerned, and their letters."""

    def __init__(
        self, database: Database, vault: Vault, *, policies: Policies, rights: Rights, outbox: Outbox
    ) -> None:  # fmt: skip
        self._database = database
        self._vault = vault
        self._ledger = vault.events.ledger
        self._policies = policies
        self._rights = rights
        self._outbox = outbox

    # --- reading --------------------------------------------------------------------------------------------------

    def list(self, *, only_open: bool = False, after: UUID | None = None, limit: int = 50) -> Sequence[Incident]:
        """Newest first."""
        with self._database.read() as tx:
            return store.list_incidents(tx, only_open=only_open, after=after, limit=limit)

    def duties(self, found: Sequence[Incident]) -> dict[IncidentId, Sequence[Duty]]:
        """Whom to tell by when, of several incidents."""
        with self._database.read() as tx:
            return dict(store.duties_of(tx, [one.incident_id for one in found]))

    def get(self, incident_id: UUID) -> Incident:
        """Raises NotFound."""
        with self._database.read() as tx:
            return _found(store.find_incident(tx, incident_id))

    def steps(self, incident_id: UUID) -> Sequence[Step]:
        """The time line, oldest first."""
        with self._database.read() as tx:
            return store.steps_of(tx, incident_id)

    def late(self, now: datetime) -> int:
        """How many duties to tell somebody are undecided beyond their term."""
        with self._database.read() as tx:
            return store.count_late(tx, now)

    def people(
        self, incident_id: UUID, after: UUID | None = None, limit: int = 50
    ) -> Sequence[tuple[Found, UUID | None]]:
        """Those concerned, by id, and the case in which each is told."""
        with self._database.read() as tx:
            return store.people(tx, incident_id, after, limit)

    def progress(self, incident_id: UUID) -> Progress:
        """How far the letters are."""
        with self._database.read() as tx:
            counts = store.progress(tx, incident_id)
        return Progress(
            people=counts["people"], opened=counts["opened"], sent=counts.get("notice_sent", 0),
            unreachable=counts.get("notice_not_possible", 0), failed=counts.get("notice_failed", 0),
        )  # fmt: skip

    def told(self, incident_id: UUID, language: str) -> tuple[Incident, str]:
        """The incident, and what happened as it is told to the people concerned. Raises NotFound."""
        found = self.get(incident_id)
        text = found.told_text.get(language) or next(iter(found.told_text.values()), "")
        return found, text

    # --- the way of an incident -----------------------------------------------------------------------------------

    def open(
        self, actor: Actor, title: str, description: str, *, detected_at: datetime, now: datetime
    ) -> Incident:  # fmt: skip
        """Detected: its clocks run from that moment on. Raises NotAllowed, InvalidInput."""
        require(actor, MANAGE)
        _check_texts({"title": (title, 200, True), "description": (description, _LONGEST_NOTE, False)})
        if detected_at > now:
            raise InvalidInput({"detected_at": "This is in the future."})
        made = Incident(
            incident_id=IncidentId(new_id()), title=title.strip(), description=description.strip(), state="detected",
            severity="unknown", kinds=[], purposes=[], categories=[], happened_from=None, happened_until=None,
            detected_at=detected_at, detected_by=actor.actor,
        )  # fmt: skip
        pack = self._pack()

        def unit(tx: Connection) -> None:
            facts: dict[str, object] = {"incident": str(made.incident_id), "actor": actor.actor}
            event_id = self._ledger.append(tx, kind="incident_opened", at=now, facts=facts)
            store.insert_incident(tx, made, event_id)
            for whom, duty in pack.incident_duties.items():
                term = pack.term(duty.term)
                mark = duty.mark if duty.mark == "unverified" else term.mark
                store.insert_duty(
                    tx, made.incident_id,
                    Duty(whom=whom, term=duty.term, mark=mark, due_at=term.end(detected_at), state="open"),
                )  # fmt: skip
            self._note(tx, made, "detected", "", actor=actor.actor, now=now)

        self._database.write(unit)
        return made

    def assess(self, actor: Actor, incident_id: UUID, made: Assessment, *, note: str, now: datetime) -> Incident:
        """How grave, of which kind, which data and purposes. May be repeated until those concerned were told."""
        policy = self._policies.in_force().facts
        rules.check_assessment(made, policy.purposes, policy.categories)
        changes = {
            "severity": made.severity, "kinds": list(made.kinds), "purposes": list(made.purposes),
            "categories": list(made.categories), "happened_from": made.happened_from,
            "happened_until": made.happened_until,
        }  # fmt: skip
        return self._go(actor, incident_id, "assess", changes, note=note, now=now)

    def contain(self, actor: Actor, incident_id: UUID, *, note: str, now: datetime) -> Incident:
        """It goes on no longer; `note` says by what. Raises InvalidInput, WrongStep."""
        _check_texts({"note": (note, _LONGEST_NOTE, True)})
        return self._go(actor, incident_id, "contain", {}, note=note, now=now)

    def finish_telling(self, actor: Actor, incident_id: UUID, *, note: str, now: datetime) -> Incident:
        """Everybody who has to know was told, or need not be: every duty is decided. Raises WrongStep."""
        return self._go(actor, incident_id, "tell", {}, note=note, now=now)

    def close(self, actor: Actor, incident_id: UUID, *, lesson: str, now: datetime) -> Incident:
        """What was learnt, and what was changed for it. Raises InvalidInput, WrongStep."""
        _check_texts({"lesson": (lesson, _LONGEST_NOTE, True)})
        changes = {"lesson": lesson.strip(), "closed_at": now}
        return self._go(actor, incident_id, "close", changes, note="", now=now)

    def remark(self, actor: Actor, incident_id: UUID, note: str, now: datetime) -> None:
        """One more line on the time line, at any time before the end. Raises WrongStep, InvalidInput."""
        require(actor, MANAGE)
        _check_texts({"note": (note, _LONGEST_NOTE, True)})

        def unit(tx: Connection) -> None:
            found = _found(store.find_incident(tx, incident_id))
            if found.state == "closed":
                raise WrongStep
            self._note(tx, found, "remark", note, actor=actor.actor, now=now)

        self._database.write(unit)

    def _go(
        self, actor: Actor, incident_id: UUID, act: str, changes: Mapping[str, Any], *, note: str, now: datetime
    ) -> Incident:
        require(actor, MANAGE)
        _check_texts({"note": (note, _LONGEST_NOTE, False)})

        def unit(tx: Connection) -> Incident:
            before = _found(store.find_incident(tx, incident_id))
            duties = store.duties_of(tx, [incident_id]).get(before.incident_id, [])
            state = rules.state_after(before.state, act, duties)
            after = msgspec.structs.replace(before, state=state, **changes)
            if not store.set_incident(tx, before, after):
                raise Conflict
            facts: dict[str, object] = {
                "incident": str(incident_id), "state": state, "severity": after.severity, "actor": actor.actor,
            }  # fmt: skip
            self._ledger.append(tx, kind="incident_step", at=now, facts=facts)
            self._note(tx, after, state, note, actor=actor.actor, now=now)
            return after

        return self._database.write(unit)

    def decide_duty(
        self, actor: Actor, incident_id: UUID, whom: str, *, told: bool, note: str, now: datetime
    ) -> Duty:  # fmt: skip
        """Told, and how; or not needed, and why. Once. Raises NotAllowed, NotFound, Conflict, InvalidInput."""
        require(actor, MANAGE)
        _check_texts({"note": (note, _LONGEST_NOTE, True)})

        def unit(tx: Connection) -> Duty:
            found = _found(store.find_incident(tx, incident_id))
            duties = store.duties_of(tx, [incident_id]).get(found.incident_id, [])
            before = next((one for one in duties if one.whom == whom), None)
            if before is None:
                raise NotFound
            after = msgspec.structs.replace(
                before, state="told" if told else "not_needed", note=note.strip(), decided_by=actor.actor,
                decided_at=now,
            )  # fmt: skip
            if not store.set_duty(tx, incident_id, after):
                raise Conflict
            facts: dict[str, object] = {
                "incident": str(incident_id), "whom": whom, "state": after.state, "in_time": now <= after.due_at,
                "actor": actor.actor,
            }  # fmt: skip
            self._ledger.append(tx, kind="incident_duty_decided", at=now, facts=facts)
            self._note(tx, found, "duty", note, actor=actor.actor, now=now, whom=whom, state=after.state)
            return after

        return self._database.write(unit)

    # --- those whom it concerns -----------------------------------------------------------------------------------

    def search(self, search: Search) -> Sequence[Found]:
        """Who is found by journal and disclosures: ids and counts. Whoever was erased since is not there any more."""
        rules.check_search(search)
        with self._database.read() as tx:
            found = rules.count_found(
                store.journal_entries(tx, search), store.disclosure_entries(tx, search), search.category
            )
            active = store.active_people(tx, [one.subject_id for one in found])
        return [one for one in found if one.subject_id in active]

    def freeze(self, actor: Actor, incident_id: UUID, search: Search, now: datetime) -> Incident:
        """Keep those who are found with the incident; anew until letters were ordered. Raises WrongStep."""
        require(actor, MANAGE)
        found = self.search(search)

        def unit(tx: Connection) -> Incident:
            before = _found(store.find_incident(tx, incident_id))
            if before.letters_at is not None or before.state == "closed":
                raise WrongStep
            after = msgspec.structs.replace(before, affected=len(found), looked_for=_words(search), frozen_at=now)
            if not store.set_incident(tx, before, after):
                raise Conflict
            store.put_people(tx, before.incident_id, found)
            facts: dict[str, object] = {
                "incident": str(incident_id), "people": len(found), "by": _words(search), "actor": actor.actor,
            }  # fmt: skip
            self._ledger.append(tx, kind="incident_people_found", at=now, facts=facts)
            self._note(tx, after, "people", "", actor=actor.actor, now=now, people=str(len(found)))
            return after

        return self._database.write(unit)

    def order_letters(self, actor: Actor, incident_id: UUID, texts: Mapping[str, str], now: datetime) -> Incident:
        """Tell those concerned, each in his language: a letter where there is a proven address, and in the portal.

        `texts`: what happened, by language; one is needed, the others fall back to it. Once. Raises InvalidInput,
        WrongStep before those concerned are kept.
        """
        require(actor, MANAGE)
        told = {language: texts[language].strip() for language in LANGUAGES if texts.get(language, "").strip()}
        _check_told(told)

        def unit(tx: Connection) -> Incident:
            before = _found(store.find_incident(tx, incident_id))
            if before.frozen_at is None or before.letters_at is not None or before.state == "closed":
                raise WrongStep
            after = msgspec.structs.replace(before, told_text=told, letters_at=now)
            if not store.set_incident(tx, before, after):
                raise Conflict
            self._outbox.add(
                tx, kind="incident_letters", business_key=f"incident_letters:{incident_id}",
                payload={"incident": str(incident_id)}, now=now,
            )  # fmt: skip
            facts: dict[str, object] = {"incident": str(incident_id), "people": after.affected, "actor": actor.actor}
            self._ledger.append(tx, kind="incident_letters_ordered", at=now, facts=facts)
            self._note(tx, after, "letters", "", actor=actor.actor, now=now, people=str(after.affected))
            return after

        return self._database.write(unit)

    def send_letters(self, payload: Mapping[str, str], now: datetime) -> int:
        """Work `incident_letters`: a case per person, its notice in the outbox. Safe to repeat; returns how many."""
        incident_id, count = UUID(payload["incident"]), 0
        while True:
            with self._database.read() as tx:
                waiting = store.without_case(tx, incident_id, LETTER_BATCH)
            if not waiting:
                return count
            for subject_id in waiting:
                count += self._tell(incident_id, subject_id, now)

    def _tell(self, incident_id: UUID, subject_id: SubjectId, now: datetime) -> bool:
        try:
            keys = self._vault.keystore.open_subject(subject_id)
        except NotFound:  # erased meanwhile: nothing of him is held any more
            self._database.write(lambda tx: store.drop_person(tx, incident_id, subject_id))
            return False

        def unit(tx: Connection) -> bool:
            details = {"incident": str(incident_id)}
            case = self._rights.open_case(tx, keys, "incident", "breach_notice", details, now=now, actor="system")
            if not store.set_case(tx, incident_id, subject_id, UUID(case.case_id)):
                raise Conflict
            self._rights.case_book.close(tx, case, "told", actor="system", now=now, keys=keys)
            notice = {"subject": str(subject_id), "case": case.case_id, "letter": "incident", **details}
            self._outbox.add(tx, kind="notice", business_key=f"incident:{case.case_id}", payload=notice, now=now)
            return True

        return self._database.write(unit)

    def _pack(self) -> RulePack:
        return read_rule_pack(self._policies.in_force().facts.law)

    def _note(
        self, tx: Connection, found: Incident, kind: str, note: str, *, actor: str, now: datetime, **details: str
    ) -> None:
        step = Step(step_id=new_id(), at=now, actor=actor, kind=kind, note=note.strip(), details=details)
        store.insert_step(tx, found.incident_id, step)


def _words(search: Search) -> dict[str, str]:
    said = {name: getattr(search, name) for name in ("actor", "purpose", "category", "recipient")}
    period = {"since": iso(search.since), "until": iso(search.until)}
    return {name: word for name, word in (said | period).items() if word}


def _check_texts(texts: Mapping[str, tuple[str, int, bool]]) -> None:
    """(text, longest, needed) by field. Raises InvalidInput."""
    problems = {}
    for name, (text, longest, needed) in texts.items():
        if needed and not text.strip():
            problems[name] = "This is needed."
        if len(text) > longest:
            problems[name] = "This is too long."
    if problems:
        raise InvalidInput(problems)


def _check_told(told: Mapping[str, str]) -> None:
    problems = {}
    if not told:
        problems["told_uz-Latn"] = "Say in one language at least what happened."
    for language, text in told.items():
        if not _SHORTEST_TEXT <= len(text) <= _LONGEST_TEXT:
            problems[f"told_{language}"] = "Say what happened, in 20 to 1500 signs."
    if problems:
        raise InvalidInput(problems)


def _found(incident: Incident | None) -> Incident:
    if incident is None:
        raise NotFound
    return incident
