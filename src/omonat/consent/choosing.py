"""Visitors' cookie choices, written together: the busiest write of a site (clauses 8.1, 8.2).

A choice is durable, with its consents and their ledger events, before it is answered. Choices that come at once share
a transaction and one statement per table. Keys of new visitors are made ahead (`KeyPool`); the text that was shown is
stored once and remembered here; the policy is the one of a second ago at most, which is what the visitor was shown.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from omonat.consent import rules, store
from omonat.consent.model import WEB, Choice, ConsentGiven
from omonat.crypto import sign_field
from omonat.crypto.fields import text_hash
from omonat.kernel.codec import to_json
from omonat.kernel.ids import ConsentId, EventId, new_id
from omonat.keystore import COMMITMENT, KeyPool, SubjectKeys
from omonat.policy import Policies, Version, banner_notice
from omonat.storage import Database, Gathering
from omonat.vault import Vault
from omonat.vault.events import Recorded

_MOST_TEXTS = 1000


class Wanted(NamedTuple):
    """What a browser chose. `before`: what its cookie said; `via`: where it was said."""

    before: Choice | None
    purposes: dict[str, bool]
    language: str
    via: str
    gpc: bool
    at: datetime


class _Written(NamedTuple):
    """What a choice comes to: its visitor's keys, its rows, its events, and what the cookie will say."""

    keys: SubjectKeys
    is_new: bool
    rows: list[dict[str, Any]]
    events: list[Recorded]
    choice: Choice


class Choosing:
    """Records choices."""

    def __init__(self, database: Database, vault: Vault, policies: Policies) -> None:
        self._database = database
        self._vault = vault
        self._policies = policies
        self._pool = KeyPool(vault.keystore.create_many)
        self._gathering: Gathering[Wanted, str] = Gathering(self._carry_out, "choices")
        self._stored: set[str] = set()  # hashes of texts that are in the database
        self._shown: dict[tuple[str, str], tuple[str, str]] = {}

    def choose(self, wanted: Wanted) -> "Future[str]":
        """The value of the new cookie, once the choice is durable. Undeclared purposes are passed over.

        Raises Overloaded.
        """
        return self._gathering.submit(wanted)

    def _carry_out(self, group: Sequence[Wanted]) -> list[str]:
        version = self._policies.recent()
        written = [
            self._written(version, wanted, keys, is_new=is_new)
            for wanted, (keys, is_new) in zip(group, self._keys_of(group), strict=True)
        ]
        unknown = {self._text(version, wanted.language): wanted for wanted in group}
        texts = {hash_: (wanted.language, text, wanted.at) for (text, hash_), wanted in unknown.items()
                 if hash_ not in self._stored}  # fmt: skip

        def unit(tx: Connection) -> None:
            for hash_, (language, text, at) in texts.items():
                store.insert_text(tx, hash_, language, text, at)
            self._insert(tx, written)

        self._database.write(unit)
        self._stored.update(texts)
        key = self._vault.keystore.secret("field")
        return [sign_field(key, "choice", to_json(one.choice)) for one in written]

    def _insert(self, tx: Connection, written: Sequence[_Written]) -> None:
        if new := [one.keys for one in written if one.is_new]:
            self._vault.insert_visitors(tx, new, written[0].choice.at)
        self._vault.events.append_derived(tx, [event for one in written for event in one.events])
        store.insert_consents(tx, [row for one in written for row in one.rows])
        for one in written:
            if any(row["action"] == "withdrawn" for row in one.rows):
                store.delete_visits(tx, one.keys.subject_id)

    def _keys_of(self, group: Sequence[Wanted]) -> list[tuple[SubjectKeys, bool]]:
        """Each visitor's own keys; new ones where there was no visitor, or he was erased meanwhile."""
        known = {wanted.before.visitor_id for wanted in group if wanted.before is not None}
        held = self._vault.keystore.open_many(known, only={COMMITMENT}) if known else {}
        found = [held.get(wanted.before.visitor_id) if wanted.before else None for wanted in group]
        new = iter(self._pool.take(found.count(None), group[0].at))
        return [(next(new), True) if keys is None else (keys, False) for keys in found]

    def _written(self, version: Version, wanted: Wanted, keys: SubjectKeys, *, is_new: bool) -> _Written:
        _text, hash_ = self._text(version, wanted.language)
        purposes = {name: wanted.purposes.get(name, False) for name in rules.cookie_purposes(version.facts)}
        before = None if is_new else wanted.before
        rows, events = [], []
        for purpose, granted in purposes.items():
            given = ConsentGiven(
                purpose=purpose, channel=WEB,
                action=rules.action_for(granted, before is not None and before.allows(purpose)),
                language=wanted.language, text_hash=hash_, via=wanted.via + "+gpc" if wanted.gpc else wanted.via,
            )  # fmt: skip
            consent_id, event_id = ConsentId(new_id()), EventId(new_id())
            facts = rules.facts_of(version, given, consent_id)
            events.append(Recorded(keys, event_id, f"consent_{given.action}", wanted.at, facts))
            row = rules.row_of(version, given, wanted.at)
            rows.append({**row, "subject_id": keys.subject_id, "consent_id": consent_id, "event_id": event_id})
        choice = Choice(
            visitor_id=keys.subject_id, purposes=purposes, policy_number=version.number,
            basis=rules.basis(version.facts), at=wanted.at, gpc=wanted.gpc,
        )  # fmt: skip
        return _Written(keys, is_new, rows, events, choice)

    def _text(self, version: Version, language: str) -> tuple[str, str]:
        """(the banner's exact text, its hash) of a version, made once."""
        known = (version.hash, language)
        if known not in self._shown:
            if len(self._shown) >= _MOST_TEXTS:
                self._shown.clear()
            text = banner_notice(version.facts, language)
            self._shown[known] = (text, text_hash(text))
        return self._shown[known]
