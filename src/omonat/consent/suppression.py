"""Addresses that get no mailing, though nobody is known any more: a keyed hash with an end, and nothing else.

When a person goes, whoever had spoken against a mailing, or demanded to be deleted, must not be written to again by an
old list. What stays is HMAC(purpose, kind, address) under a key of its own: without that key it says nothing, with it
an address can be asked about and none can be read. It ends with its term, or when the person himself, at an address
that he proved, asks for the mailing again.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from omonat.consent import suppression_store as store
from omonat.consent.confirming import CHANNEL_KINDS
from omonat.crypto import keyed_tag
from omonat.keystore import SubjectKeys
from omonat.policy import CHANNELS, Policies
from omonat.vault import HeldRecord, Vault, rows
from omonat.vault.sealing import open_value

AGAINST = ("withdrawn", "refused")
KEPT = "suppression"
"""The word by which a certificate says that a keyed hash stays (Art. 17)."""
SECRET = "suppression"  # noqa: S105 - the name of a secret


class Suppression:
    """Keeps, asks and lifts; in the caller's transaction."""

    def __init__(self, vault: Vault, policies: Policies) -> None:
        self._vault = vault
        self._policies = policies

    def keep(self, tx: Connection, keys: SubjectKeys, now: datetime, *, all_spoken: bool) -> tuple[str, ...]:
        """Remember the addresses of a person who goes, for every mailing that he spoke against; `all_spoken`: for
        every one that he ever spoke about, because he demands deletion. Returns the word for the certificate, if
        anything is kept.
        """
        term = self._policies.in_force(tx).facts.suppression
        if term is None:
            return ()
        until = term.end(now) or now
        said = self._vault.state(tx, keys.subject_id, now).consents
        against = {
            pair for pair, word in said.items() if pair[1] in CHANNELS and (all_spoken or word.action in AGAINST)
        }
        tags = {
            self._tag(purpose, CHANNEL_KINDS[channel], address)
            for purpose, channel in against
            for address in _addresses(tx, keys, CHANNEL_KINDS[channel])
        }
        for tag in tags:
            store.keep(tx, tag, until)
        return (KEPT,) if tags else ()

    def is_kept(self, tx: Connection, purpose: str, kind: str, address: str, now: datetime) -> bool:
        """Whether a mailing for `purpose` must not go to this address (normalised)."""
        return store.is_kept(tx, self._tag(purpose, kind, address), now)

    def among(self, tx: Connection, purpose: str, kind: str, addresses: list[str], now: datetime) -> frozenset[str]:
        """Those of up to some hundred addresses that a mailing for `purpose` must not go to: one statement."""
        tags = {self._tag(purpose, kind, address): address for address in addresses}
        return frozenset(tags[tag] for tag in store.kept_among(tx, list(tags), now))

    def lift(self, tx: Connection, keys: SubjectKeys, purposes: Iterable[str], kind: str) -> None:
        """The person asks for it again, at an address that he proved."""
        proven = {held.tag for held in rows.identifiers_of(tx, keys.subject_id) if held.state == "proven"}
        found = [one for one in rows.records_of(tx, keys.subject_id) if one.tag in proven and keys.has(one.compartment)]
        for purpose in purposes:
            for held in found:
                store.drop(tx, self._tag(purpose, kind, open_value(keys, held)))

    def forget(self, tx: Connection, now: datetime) -> int:
        """Hashes whose term is over go."""
        return store.forget(tx, now)

    def _tag(self, purpose: str, kind: str, address: str) -> bytes:
        secret = self._vault.keystore.secret(SECRET)
        return keyed_tag(secret, purpose.encode(), kind.encode(), address.encode())


def _addresses(tx: Connection, keys: SubjectKeys, kind: str) -> set[str]:
    tags = {held.tag for held in rows.identifiers_of(tx, keys.subject_id) if held.kind == kind}
    found: list[HeldRecord] = rows.records_of(tx, keys.subject_id)
    return {open_value(keys, one) for one in found if one.tag in tags and keys.has(one.compartment)}
