"""What a person does by a link in a letter, without signing in: confirm a consent, unsubscribe, set preferences.

A link shows and changes consents and nothing else: no value, no address, no case leaves by it (clauses 3.1, 7.1 c).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from omonat.consent import (
    CHANNEL_KINDS,
    CONFIRM_FOR,
    CONFIRMED,
    PENDING,
    ConsentGiven,
    ConsentLetter,
    Consents,
    needs_writing,
)
from omonat.grounds import stands_under
from omonat.kernel.errors import Conflict, NotFound
from omonat.kernel.ids import ConsentId, SubjectId
from omonat.kernel.secret import Sealed
from omonat.policy import Policies
from omonat.rights.addresses import Addresses, opened
from omonat.rights.ports import Post, Wanted
from omonat.rights.service import Rights
from omonat.storage import Database
from omonat.vault import HeldIdentifier, Vault, rows

JOB = "consent_confirm"
_DAYS = CONFIRM_FOR // timedelta(days=1)


class Waiting(NamedTuple):
    """A consent that waits for its address. `language`, `text_hash`: the exact text beside the box that was ticked."""

    subject_id: SubjectId
    purpose: str
    channel: str
    consent_id: ConsentId
    language: str
    text_hash: str


class Preference(NamedTuple):
    """One optional consent by channel, and whether it stands."""

    purpose: str
    channel: str
    stands: bool
    waits: bool


class ByLink:
    """Acts by signed links; letters go out as a work of the outbox."""

    def __init__(
        self, database: Database, vault: Vault, *, consents: Consents, rights: Rights, policies: Policies, post: Post
    ) -> None:
        self._database = database
        self._vault = vault
        self._consents = consents
        self._rights = rights
        self._policies = policies
        self._post = post
        self._addresses = Addresses(vault)

    # --- the letter that asks ---------------------------------------------------------------------------------------

    def send(self, payload: dict[str, str], now: datetime) -> None:
        """Work of the outbox: ask at the address whether the consent was given there; nothing goes there before."""
        subject_id, consent_id = SubjectId(UUID(payload["subject"])), ConsentId(UUID(payload["consent"]))
        keys = self._addresses.find_keys(subject_id)
        with self._database.read() as tx:
            waiting = self._waiting(tx, subject_id, consent_id, now)
        if keys is None or waiting is None:
            return
        claimed = self._claimed(waiting)
        chosen = claimed and self._database.write(
            lambda tx: self._addresses.choose(
                tx, keys, claimed.identifier_id, purpose=waiting.purpose, reason=f"confirm:{consent_id}", now=now
            )
        )
        if not chosen:
            return
        facts = {
            "purpose": waiting.purpose, "channel": waiting.channel, "days": str(_DAYS),
            "unsubscribe": self._consents.links.unsubscribe(*waiting[:3]).reveal(),
        }  # fmt: skip
        wanted = Wanted(
            letter="confirm_consent", message_id=f"confirm:{consent_id}", facts=facts,
            code=self._consents.links.confirm(subject_id, consent_id),
        )  # fmt: skip
        sent = self._post.send(opened(keys, chosen, payload["language"]), wanted)
        letter = ConsentLetter(sent.channel, sent.message_id, now)
        self._database.write(lambda tx: self._consents.note_letter(tx, subject_id, consent_id, letter))

    def _claimed(self, waiting: Waiting) -> HeldIdentifier | None:
        """The address that the consent is about: the newest of its kind."""
        with self._database.read() as tx:
            named = rows.identifiers_of(tx, waiting.subject_id)
        mine = [held for held in named if held.kind == CHANNEL_KINDS[waiting.channel]]
        return max(mine, key=lambda held: held.claimed_at, default=None)

    def _waiting(self, tx: Connection, subject_id: SubjectId, consent_id: ConsentId, now: datetime) -> Waiting | None:
        """The consent, if it is still the last word and can be answered."""
        return next(
            (Waiting(subject_id, *pair, consent_id, line["language"], line["text_hash"])
             for pair, line in self._consents.waiting(tx, subject_id, now).items()
             if line["consent_id"] == consent_id), None,
        )  # fmt: skip

    # --- its answer -------------------------------------------------------------------------------------------------

    def find_waiting(self, token: str, now: datetime) -> Waiting:
        """What a link asks. Raises NotFound when it is not ours, was answered, has run out, or asks for less than the
        version in force would do with it.
        """
        told = self._consents.links.read_confirm(token)
        if told is None:
            raise NotFound()
        with self._database.read() as tx:
            waiting = self._waiting(tx, *told, now)
        if waiting is None:
            raise NotFound()
        return waiting

    def confirm(self, token: str, now: datetime) -> bool:
        """The reader at the address says yes: it is proven, unless another proved it, and the consent stands.

        False: another person proved the address before, so that nothing is sent until the two are joined.
        """
        waiting = self.find_waiting(token, now)
        keys = self._vault.keystore.open_subject(waiting.subject_id)
        claimed = self._claimed(waiting)

        def unit(tx: Connection) -> bool:
            if claimed is None or self._waiting(tx, waiting.subject_id, waiting.consent_id, now) is None:
                raise NotFound()  # answered, or voided by a new version, since it was looked at
            try:
                self._vault.prove(tx, keys, claimed.identifier_id, shared=False, now=now)
                is_proven = True
            except Conflict:
                is_proven = False  # somebody proved it before: he signs in and joins the two
            self._consents.answered(tx, keys, claimed.kind, now, link_of=waiting.consent_id)
            return is_proven

        return self._database.write(unit)

    def decline(self, token: str, now: datetime) -> None:
        """The reader at the address says no: what waited is refused, by the text that it waited with.

        Raises NotFound as `find_waiting`.
        """
        waiting = self.find_waiting(token, now)
        keys = self._addresses.find_keys(waiting.subject_id)
        if keys is None:
            raise NotFound()
        given = ConsentGiven(
            purpose=waiting.purpose, channel=waiting.channel, action="refused", language=waiting.language,
            text_hash=waiting.text_hash, via=CONFIRMED,
        )  # fmt: skip

        def unit(tx: Connection) -> None:
            if self._waiting(tx, waiting.subject_id, waiting.consent_id, now) is None:
                raise NotFound()  # answered meanwhile
            self._consents.record(tx, keys, given, now=now)

        self._database.write(unit)

    # --- unsubscribing ----------------------------------------------------------------------------------------------

    def check_unsubscribe(self, token: str, purpose: str, channel: str) -> None:
        """Raises NotFound for what we did not sign."""
        if self._consents.links.read_unsubscribe(token, purpose, channel) is None:
            raise NotFound()

    def unsubscribe(self, token: str, purpose: str, channel: str, language: str, now: datetime) -> None:
        """End one purpose on one channel (RFC 8058). Repeating it, or after the person is gone, changes nothing.

        Raises NotFound for what we did not sign.
        """
        subject_id = self._consents.links.read_unsubscribe(token, purpose, channel)
        if subject_id is None:
            raise NotFound()
        self._end(subject_id, purpose, channel, language, now, via="unsubscribe")

    def _end(
        self, subject_id: SubjectId, purpose: str, channel: str, language: str, now: datetime, *, via: str
    ) -> None:
        keys = self._addresses.find_keys(subject_id)
        if keys is None:
            return
        with self._database.read() as tx:
            said = self._vault.state(tx, subject_id, now).consents.get((purpose, channel))
        if said is not None and said.action == PENDING:
            text = self._rights.consent_text(channel, language, purpose)

            def unit(tx: Connection) -> None:
                hash_ = self._consents.remember_text(tx, language, text, now)
                given = ConsentGiven(
                    purpose=purpose, channel=channel, action="refused", language=language, text_hash=hash_, via=via
                )
                self._consents.record(tx, keys, given, now=now)

            self._database.write(unit)
        elif said is not None and said.stands(now):
            self._rights.withdraw(subject_id, purpose, channel, language, now, via=via)

    # --- preferences ------------------------------------------------------------------------------------------------

    def preferences(self, token: str, now: datetime) -> tuple[Preference, ...]:
        """The consents by channel that a link shows. Raises NotFound for a link that is not ours or has run out.

        One that has to be given in writing is shown while it stands, so that it can be taken back, and no longer.
        """
        subject_id = self._owner(token, now)
        with self._database.read() as tx:
            said = self._vault.state(tx, subject_id, now).consents
            waiting = self._consents.waiting(tx, subject_id, now)
            facts = self._policies.in_force(tx).facts
        offered = [(word, channel) for word, one in facts.purposes.items() for channel in one.channels]
        shown = (
            Preference(*pair, stands_under(facts, pair, said[pair], now), pair in waiting)
            for pair in offered if pair in said
        )  # fmt: skip
        return tuple(one for one in shown if one.stands or one.waits or not needs_writing(facts, one.purpose))

    def set_preferences(self, token: str, wanted: Mapping[tuple[str, str], str], language: str, now: datetime) -> None:
        """Make it so: what is not wanted ends, what is wanted is given again. Only what the link shows changes.

        `wanted`: with the hash of the text beside each. Raises PolicyChanged, when all that is not wanted has ended,
        where a text is not the one of now.
        """
        subject_id, shown = self._owner(token, now), self.preferences(token, now)
        for one in shown:
            pair = (one.purpose, one.channel)
            if (one.stands or one.waits) and pair not in wanted:
                self._end(subject_id, *pair, language, now, via="preferences")
        for one in shown:
            pair = (one.purpose, one.channel)
            if not one.stands and not one.waits and pair in wanted:
                self._rights.grant(subject_id, *pair, language, now, via="preferences", shown=wanted[pair])

    def _owner(self, token: str, now: datetime) -> SubjectId:
        found = self._consents.links.read_preferences(token, now)
        if found is None or self._addresses.find_keys(found.subject_id) is None:
            raise NotFound()
        return found.subject_id

    def preferences_token(self, subject_id: SubjectId, now: datetime) -> Sealed[str]:
        """For a letter to the person."""
        return self._consents.links.preferences(subject_id, now)
