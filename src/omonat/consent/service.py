"""Giving, refusing and withdrawing consent; the cookie choice of a browser."""

from concurrent.futures import Future
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from omonat.consent import rules, store
from omonat.consent.choosing import Choosing, Wanted
from omonat.consent.model import Choice, ConsentGiven
from omonat.crypto import verify_field
from omonat.crypto.fields import text_hash
from omonat.grounds import ConsentState
from omonat.kernel.codec import from_json
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import ConsentId, SubjectId, new_id
from omonat.keystore import SubjectKeys
from omonat.policy import Policies, Version, banner_notice
from omonat.storage import Database
from omonat.vault import Vault, rows


class Consents:
    """The consent history of people and of pseudonymous visitors."""

    def __init__(self, database: Database, vault: Vault, policies: Policies) -> None:
        self._database = database
        self._vault = vault
        self._policies = policies
        self._choosing = Choosing(database, vault, policies)

    # --- people ---------------------------------------------------------------------------------------------------

    def record(self, tx: Connection, keys: SubjectKeys, given: ConsentGiven, *, now: datetime) -> ConsentId:
        """Append one event with all that a consent document needs (order 3478), and its ledger entry."""
        version = self._policies.in_force(tx)
        consent_id = ConsentId(new_id())
        facts = rules.facts_of(version, given, consent_id)
        event_id = self._vault.events.append(tx, keys, f"consent_{given.action}", at=now, facts=facts)
        row = rules.row_of(version, given, now)
        store.insert_consents(
            tx, [{**row, "subject_id": keys.subject_id, "consent_id": consent_id, "event_id": event_id}]
        )
        return consent_id

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
        if ended and not any(pair[0] == purpose for pair in standing if pair not in ended):
            self._begin_term(tx, keys.subject_id, purpose, now)
        return len(ended)

    def _begin_term(self, tx: Connection, subject_id: SubjectId, purpose: str, now: datetime) -> None:
        policy = self._policies.in_force(tx).facts
        end = policy.after_withdrawal.end(now, policy.after_withdrawal.after) or now
        rows.end_term(tx, subject_id, purpose, "consent", end)

    def standing(self, tx: Connection, subject_id: SubjectId, now: datetime) -> dict[tuple[str, str], ConsentState]:
        """Purpose and channel of every consent that stands at `now`."""
        person = self._vault.state(tx, subject_id, now)
        return {pair: consent for pair, consent in person.consents.items() if consent.stands(now)}

    def history(self, tx: Connection, subject_id: SubjectId) -> list[dict[str, object]]:
        """Every event, oldest first."""
        return store.consents_of(tx, subject_id)

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

    def must_ask(self, choice: Choice | None, version: Version, now: datetime) -> bool:
        """Whether the banner is shown; a browser signal is the face's to look at first."""
        return rules.must_ask(choice, version.facts, now)

    def banner_text(self, language: str) -> tuple[str, str]:
        """(exact text of the banner, its hash)."""
        text = banner_notice(self._policies.in_force().facts, language)
        return text, text_hash(text)

    def cookie_purposes(self) -> tuple[str, ...]:
        """The purposes that a visitor may allow or refuse."""
        return rules.cookie_purposes(self._policies.in_force().facts)

    def choose(
        self, cookie: str | None, purposes: dict[str, bool], language: str, via: str, *, gpc: bool, now: datetime
    ) -> str:
        """Record a visitor's choice durably; returns the new cookie value. Undeclared purposes are passed over."""
        return self.choose_soon(cookie, purposes, language, via, gpc=gpc, now=now).result()

    def choose_soon(
        self, cookie: str | None, purposes: dict[str, bool], language: str, via: str, *, gpc: bool, now: datetime
    ) -> "Future[str]":
        """The same for a caller who does not want to wait: the new cookie value comes once the choice is durable."""
        return self._choosing.choose(Wanted(self.read_choice(cookie), purposes, language, via, gpc, now))

    def _field_key(self) -> bytes:
        return self._vault.keystore.secret("field")
