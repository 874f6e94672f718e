"""Giving, refusing and withdrawing consent; the cookie choice of a browser."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from omonat.consent import rules, store
from omonat.consent.choosing import Choosing, Wanted
from omonat.consent.confirming import (
    CHANNEL_KINDS,
    CONFIRMED,
    PENDING,
    evidence_of_answer,
    must_confirm,
    still_waits,
)
from omonat.consent.forms import check_form
from omonat.consent.links import Links
from omonat.consent.model import ANY_PROVABLE, NOTICE, VISITS, WEB, Choice, ConsentGiven, ConsentLetter, Evidence
from omonat.consent.suppression import Suppression
from omonat.crypto import verify_field
from omonat.crypto.fields import text_hash
from omonat.grounds import STANDING, ConsentState, stands_under
from omonat.kernel.codec import from_json
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import ConsentId, SubjectId, new_id
from omonat.keystore import SubjectKeys
from omonat.policy import Policies, Version, banner_parts
from omonat.storage import Database
from omonat.vault import Vault, rows


def _has_said(mine: ConsentState | None, line: dict[str, Any]) -> bool:
    """Whether the person's own last word is the same, or newer."""
    return mine is not None and (mine.action == line["action"] or mine.at >= line["at"])


class Consents:
    """The consent history of people and of pseudonymous visitors."""

    def __init__(self, database: Database, vault: Vault, policies: Policies) -> None:
        self._database = database
        self._vault = vault
        self._policies = policies
        self._choosing = Choosing(database, vault, policies)
        self.suppression = Suppression(vault, policies)
        self.links = Links(lambda: vault.keystore.secret("token"))

    # --- people ---------------------------------------------------------------------------------------------------

    def record(
        self, tx: Connection, keys: SubjectKeys, given: ConsentGiven, *, now: datetime, evidence: Evidence | None = None
    ) -> ConsentId:
        """Append one event with all that a consent document needs (order 3478), and its ledger entry.

        `evidence` is kept beside it where it was not given on a page of ours. Raises WrongConsentForm for a consent
        that the law does not take in this form.
        """
        version = self._policies.in_force(tx)
        consent_id = ConsentId(new_id())
        facts = rules.facts_of(version, given, consent_id)
        row = rules.row_of(version, given, evidence.given_at if evidence else now)
        if given.action in STANDING or given.action == PENDING:  # nobody is asked for what could not hold
            check_form(version.facts, row["categories"], evidence)
        event_id = self._vault.events.append(tx, keys, f"consent_{given.action}", at=now, facts=facts)
        ids = {"subject_id": keys.subject_id, "consent_id": consent_id, "event_id": event_id}
        store.insert_consents(tx, [{**row, "at": now, **ids}])
        if evidence is not None:
            store.insert_evidence(tx, keys.subject_id, consent_id, evidence)
        return consent_id

    def record_or_wait(
        self, tx: Connection, keys: SubjectKeys, given: ConsentGiven, *, now: datetime,
        evidence: Evidence | None = None,
    ) -> ConsentId | None:  # fmt: skip
        """Record a consent by a channel; where the policy asks for it, it waits until its address has answered.

        Returns the id of the consent that waits: the caller writes to the address. None: it stands.
        """
        named = rows.identifiers_of(tx, keys.subject_id)
        proven = frozenset(held.kind for held in named if held.state == "proven")
        waits = must_confirm(self._policies.in_force(tx).facts, given.purpose, given.channel, proven)
        if waits:
            given = msgspec.structs.replace(given, action=PENDING)
        consent_id = self.record(tx, keys, given, now=now, evidence=evidence)
        return consent_id if waits else None

    def note_letter(self, tx: Connection, subject_id: SubjectId, consent_id: ConsentId, letter: ConsentLetter) -> None:
        """The letter that asks for a consent went out: its message is the evidence of the answer (Art. 31).

        Nothing is kept of it where the person went, or was joined to another, while it was sent.
        """
        if any(line["consent_id"] == consent_id for line in store.consents_of(tx, subject_id)):
            store.put_letter(tx, subject_id, consent_id, letter)

    def waiting(self, tx: Connection, subject_id: SubjectId, now: datetime) -> dict[tuple[str, str], dict[str, Any]]:
        """What waits for its address at `now`, by purpose and channel: lines of the history, each the last word."""
        facts = self._policies.in_force(tx).facts
        last = {(line["purpose"], line["channel"]): line for line in store.consents_of(tx, subject_id)}
        return {pair: line for pair, line in last.items() if still_waits(facts, line, now)}

    def answered(
        self, tx: Connection, keys: SubjectKeys, kind: str, now: datetime, *, link_of: ConsentId | None = None
    ) -> int:
        """An address of `kind` was proven: consents that wait for it are given, and no suppression stands against
        what the person asks for there. `link_of`: the consent whose letter was answered by its link; None: a code
        was. Returns how many were given.
        """
        letter = store.find_letter(tx, keys.subject_id, link_of) if link_of is not None else None
        waiting = self.waiting(tx, keys.subject_id, now)
        mine = {pair: line for pair, line in waiting.items() if CHANNEL_KINDS.get(pair[1]) == kind}
        proofs = store.evidence_of(tx, keys.subject_id)
        for (purpose, channel), line in mine.items():
            given = ConsentGiven(
                purpose=purpose, channel=channel, action="granted", language=line["language"],
                text_hash=line["text_hash"], via=CONFIRMED,
            )  # fmt: skip
            proof = proofs.get(line["consent_id"]) or evidence_of_answer(letter, now)
            self.record(tx, keys, given, now=now, evidence=proof)
        standing = [pair for pair in self.standing(tx, keys.subject_id, now) if CHANNEL_KINDS.get(pair[1]) == kind]
        self.suppression.lift(tx, keys, {purpose for purpose, _channel in (*mine, *standing)}, kind)
        return len(mine)

    def take_along(self, tx: Connection, keys: SubjectKeys, choice: Choice | None, now: datetime) -> int:
        """A visitor who signs in or sends a form takes what this browser chose about cookies along (clause 8.2).

        The words are copied to the person; the visitor stays a stranger, and nothing points from him to the person.
        Words that the person has already are not repeated. Returns how many were taken.
        """
        if choice is None:
            return 0
        mine = self._vault.state(tx, keys.subject_id, now).consents
        last = {line["purpose"]: line for line in store.consents_of(tx, choice.visitor_id) if line["channel"] == WEB}
        lapsed = self._policies.in_force(tx).facts.lapsed
        taken = [
            line for purpose, line in last.items()
            if not _has_said(mine.get((purpose, WEB)), line) and (line["policy_number"], purpose, WEB) not in lapsed
        ]  # fmt: skip
        for line in taken:
            given = ConsentGiven(
                purpose=line["purpose"], channel=WEB, action=line["action"], language=line["language"],
                text_hash=line["text_hash"], via="visitor",
            )  # fmt: skip
            said = Evidence(form=ANY_PROVABLE, method="visitor", given_at=line["at"], actor="visitor")
            self.record(tx, keys, given, now=now, evidence=said)
        return len(taken)

    def word_for(self, tx: Connection, subject_id: SubjectId, purpose: str, channel: str, now: datetime) -> str:
        """What giving a consent is called in the history: `renewed` where one stands already."""
        return rules.action_for(granted=True, before=(purpose, channel) in self.standing(tx, subject_id, now))

    def withdraw(
        self,
        tx: Connection,
        keys: SubjectKeys,
        purpose: str,
        channel: str | None,
        *,
        language: str,
        text_hash: str,
        via: str,
        now: datetime,
    ) -> int:
        """Withdraw every standing consent to `purpose` (on one channel, or all): effective with the commit (7.1 c).

        When no channel of the purpose stands any more, the term of what rests on consent begins
        (`after_withdrawal`). Returns how many consents were withdrawn.
        """
        standing = self.standing(tx, keys.subject_id, now)
        ended = [pair for pair in standing if pair[0] == purpose and channel in (None, pair[1])]
        for _purpose, each in ended:
            given = ConsentGiven(
                purpose=purpose, channel=each, action="withdrawn", language=language, text_hash=text_hash, via=via
            )
            self.record(tx, keys, given, now=now)
            if (purpose, each) == (VISITS, WEB):
                store.delete_visits(tx, [keys.subject_id])
        if ended and not any(pair[0] == purpose for pair in standing if pair not in ended):
            self.begin_term(tx, keys.subject_id, purpose, now)
        return len(ended)

    def begin_term(self, tx: Connection, subject_id: SubjectId, purpose: str, now: datetime) -> None:
        """Nothing of the purpose rests on consent any more: its data go after `after_withdrawal` (clause 6.3)."""
        policy = self._policies.in_force(tx).facts
        end = policy.after_withdrawal.end(now, policy.after_withdrawal.after) or now
        rows.end_term(tx, subject_id, purpose, "consent", end)

    def resume_term(self, tx: Connection, subject_id: SubjectId, purpose: str, now: datetime) -> None:
        """The opposite of `begin_term`, when a consent is given again before its data went."""
        policy = self._policies.in_force(tx).facts
        for held in rows.records_of(tx, subject_id):
            term = policy.keep_for(purpose, held.category) if held.purpose == purpose else None
            counts = term is not None and term.after in (
                "collection",
                "withdrawal",
            )  # others have their own event
            if term is not None and counts and held.ground == "consent" and not held.is_due(now):
                store.set_keep_until(tx, subject_id, held.record_id, term.end(held.collected_at, "collection"))

    def standing(self, tx: Connection, subject_id: SubjectId, now: datetime) -> dict[tuple[str, str], ConsentState]:
        """Purpose and channel of every consent that stands at `now`, under the version in force."""
        person, policy = self._vault.state(tx, subject_id, now), self._policies.in_force(tx).facts
        return {pair: said for pair, said in person.consents.items() if stands_under(policy, pair, said, now)}

    def history(self, tx: Connection, subject_id: SubjectId) -> list[dict[str, object]]:
        """Every event, oldest first; `evidence` is None for what was said on a page of ours."""
        proofs = store.evidence_of(tx, subject_id)
        return [{**row, "evidence": proofs.get(row["consent_id"])} for row in store.consents_of(tx, subject_id)]

    # --- texts ----------------------------------------------------------------------------------------------------

    def remember_text(self, tx: Connection, language: str, text: str, now: datetime) -> str:
        """Keep the exact text that was shown; returns its hash (clause 1.2)."""
        hash_ = text_hash(text)
        store.insert_text(tx, hash_, language, text, now)
        return hash_

    def get_text(self, hash_: str) -> str:
        """The text behind a hash. Raises NotFound."""
        with self._database.read() as tx:
            found = store.find_text(tx, hash_)
        if found is None:
            raise NotFound()
        return found

    # --- visitors: the cookie choice (8.1, 8.2) -------------------------------------------------------------------

    def read_choice(self, cookie: str | None) -> Choice | None:
        """The choice in a cookie, or None when there is none or we did not sign it."""
        value = verify_field(self._field_key(), "choice", cookie) if cookie else None
        try:
            return from_json(value, Choice) if value is not None else None
        except msgspec.DecodeError:
            return None

    def to_ask(self, choice: Choice | None, version: Version, now: datetime) -> tuple[str, ...]:
        """The purposes that the banner asks about; a browser signal is the face's to look at first."""
        return rules.to_ask(choice, version.facts, now)

    def banner_text(self, language: str, asked: tuple[str, ...] | None = None) -> tuple[str, str]:
        """(exact text of the banner that asks about these purposes, hash of the one that asks about all)."""
        parts = banner_parts(self._policies.in_force().facts, language)
        whole = parts.whole(parts.asked)
        return whole if asked is None else parts.whole(asked), text_hash(whole)

    def cookie_purposes(self) -> tuple[str, ...]:
        """The purposes that a visitor may allow or refuse."""
        return rules.cookie_purposes(self._policies.in_force().facts)

    def choose(
        self, cookie: str | None, purposes: dict[str, bool], language: str, via: str, *, shown: str, gpc: bool,
        now: datetime, layer: str = NOTICE,
    ) -> str:  # fmt: skip
        """Record a visitor's choice durably; returns the new cookie value. Undeclared purposes are passed over.

        `purposes`: what he was asked about; an earlier answer for another goes on. `shown`: hash of the whole notice
        of the version that he read (of the settings, where `layer` is SETTINGS or PLACE). Raises PolicyChanged where he
        newly allows something by a text that is not in force any more; nothing is recorded then.
        """
        return self._choosing.choose(Wanted(self.read_choice(cookie), purposes, language, via, shown, gpc, now, layer))

    async def choose_soon(
        self, cookie: str | None, purposes: dict[str, bool], language: str, via: str, *, shown: str, gpc: bool,
        now: datetime,
    ) -> str:  # fmt: skip
        """The same for a caller in an event loop, who holds no thread meanwhile."""
        wanted = Wanted(self.read_choice(cookie), purposes, language, via, shown, gpc, now)
        return await self._choosing.choose_soon(wanted)

    def _field_key(self) -> bytes:
        return self._vault.keystore.secret("field")
