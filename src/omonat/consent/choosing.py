"""Visitors' cookie choices, written together: the busiest write of a site (clauses 8.1, 8.2).

A choice is durable, with its consents and their ledger events, before it is answered. Choices that come at once share
a transaction and one statement per table. Keys of new visitors are made ahead (`KeyPool`); the text that was shown is
stored once and remembered here; the policy is the one of a second ago at most, which is what the visitor was shown.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from omonat.consent import rules, store
from omonat.consent.forms import check_form
from omonat.consent.model import NOTICE, PLACE, SETTINGS, VISITS, WEB, Choice, ConsentGiven
from omonat.crypto import sign_field
from omonat.crypto.fields import text_hash
from omonat.grounds import STANDING
from omonat.kernel.clock import local_date
from omonat.kernel.codec import to_json
from omonat.kernel.errors import PolicyChanged
from omonat.kernel.ids import ConsentId, EventId, new_id
from omonat.keystore import COMMITMENT, KeyPool, SubjectKeys
from omonat.policy import Policies, Policy, Version, banner_notice, place_notice, settings_notice
from omonat.storage import Database, Gathering
from omonat.vault import Vault
from omonat.vault.events import Told

_MOST_ROWS = 1000


class Wanted(NamedTuple):
    """What a browser chose. `before`: what its cookie said; `purposes`: those that were asked about; `via`: where
    it was said; `shown`: the whole text of which a part stood there (`_Frame.was_shown`); `layer`: which text.
    """

    before: Choice | None
    purposes: dict[str, bool]
    language: str
    via: str
    shown: str
    gpc: bool
    at: datetime
    layer: str = NOTICE


class _Frame:
    """What is the same for every choice under one version."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.purposes = rules.cookie_purposes(version.facts)
        self.bases = rules.bases(version.facts)
        self._texts: dict[tuple[str, str, tuple[str, ...], bool], tuple[str, str]] = {}
        self._rows: dict[tuple[str, str, date], dict[str, Any]] = {}

    def asked(self, wanted: Wanted) -> tuple[str, ...]:
        """The purposes that the choice is about: of those that there are."""
        return tuple(purpose for purpose in self.purposes if purpose in wanted.purposes)

    def text(self, wanted: Wanted) -> tuple[str, str]:
        """(the exact text that stood there, its hash), as this version says it."""
        return self._text(wanted.layer, wanted.language, self.asked(wanted), gpc=wanted.gpc)

    def was_shown(self, wanted: Wanted) -> bool:
        """Whether what stood beside the button was of this version: pages and scripts name the whole text of theirs.

        What was asked of somebody who had answered a part, and the place of one frame, are cut out of that.
        """
        whole = NOTICE if wanted.layer == NOTICE else SETTINGS
        return wanted.shown == self._text(whole, wanted.language, self.purposes, gpc=False)[1]

    def _text(self, layer: str, language: str, asked: tuple[str, ...], *, gpc: bool) -> tuple[str, str]:
        key = (layer, language, asked if layer != SETTINGS else (), gpc and layer == SETTINGS)
        if key not in self._texts:
            if len(self._texts) >= _MOST_ROWS:
                self._texts.clear()
            text = _text_of(self.version.facts, layer, language, asked, gpc=gpc)
            self._texts[key] = (text, text_hash(text))
        return self._texts[key]

    def takes(self, wanted: Wanted) -> bool:
        """Whether the choice may be recorded: what is newly allowed is allowed by its own text only."""
        return self.was_shown(wanted) or not rules.asks_for_text(wanted.before, wanted.purposes, self.bases)

    def row(self, given: ConsentGiven, now: datetime) -> dict[str, Any]:
        """`rules.row_of`, looked up: of a day's choices only who, when and how differs."""
        kind = (given.purpose, given.action, local_date(now))
        if kind not in self._rows:
            if len(self._rows) >= _MOST_ROWS:
                self._rows.clear()
            row = self._rows[kind] = rules.row_of(self.version, given, now)
            if given.action in STANDING:
                check_form(self.version.facts, row["categories"], None)
        said = {"at": now, "language": given.language, "text_hash": given.text_hash, "via": given.via}
        return {**self._rows[kind], **said}


class _Written(NamedTuple):
    """What a choice comes to: its visitor's keys, its rows, its events, and what the cookie will say."""

    keys: SubjectKeys
    is_new: bool
    rows: list[dict[str, Any]]
    events: list[Told]
    choice: Choice


class Choosing:
    """Records choices."""

    def __init__(self, database: Database, vault: Vault, policies: Policies) -> None:
        self._database = database
        self._vault = vault
        self._policies = policies
        self._pool = KeyPool(vault.keystore.create_many)
        self._gathering: Gathering[Wanted, str | None] = Gathering(self._carry_out, "choices")
        self._stored: set[str] = set()  # hashes of texts that are in the database
        self._frame: _Frame | None = None

    def choose(self, wanted: Wanted) -> str:
        """The value of the new cookie, once the choice is durable. Undeclared purposes are passed over.

        Raises PolicyChanged, with nothing recorded, where something is newly allowed by a text that is not in force any
        more; Overloaded.
        """
        return _taken(self._gathering.submit(wanted).result())

    async def choose_soon(self, wanted: Wanted) -> str:
        """The same for a caller in an event loop."""
        return _taken(await self._gathering.submit_soon(wanted))

    def _carry_out(self, group: Sequence[Wanted]) -> list[str | None]:
        """The new cookies; None for who was shown another text. All are measured by the frame that records them."""
        frame = self._frame_of(self._policies.recent())
        if not all(map(frame.takes, group)):  # the text may be that of a version that is younger than the frame
            frame = self._frame_of(self._policies.in_force())
        values = iter(self._record(frame, [wanted for wanted in group if frame.takes(wanted)]))
        return [next(values) if frame.takes(wanted) else None for wanted in group]

    def _record(self, frame: _Frame, group: Sequence[Wanted]) -> list[str]:
        if not group:
            return []
        written = [
            _written(frame, wanted, keys, is_new=is_new)
            for wanted, (keys, is_new) in zip(group, self._keys_of(group), strict=True)
        ]
        said = {frame.text(wanted): wanted for wanted in group}
        texts = {hash_: (wanted.language, text, wanted.at) for (text, hash_), wanted in said.items()
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
        self._vault.events.append_many(tx, [event for one in written for event in one.events], derived=True)
        store.insert_consents(tx, [row for one in written for row in one.rows])
        ends = (VISITS, "withdrawn")
        left = [
            one.keys.subject_id for one in written if any((row["purpose"], row["action"]) == ends for row in one.rows)
        ]
        store.delete_visits(tx, left)

    def _keys_of(self, group: Sequence[Wanted]) -> list[tuple[SubjectKeys, bool]]:
        """Each visitor's own keys; new ones where there was no visitor, or he was erased meanwhile."""
        known = {wanted.before.visitor_id for wanted in group if wanted.before is not None}
        held = self._vault.keystore.open_part_of_many(known, COMMITMENT) if known else {}
        found = [held.get(wanted.before.visitor_id) if wanted.before else None for wanted in group]
        new = iter(self._pool.take(found.count(None), group[0].at))
        return [(next(new), True) if keys is None else (keys, False) for keys in found]

    def _frame_of(self, version: Version) -> _Frame:
        if self._frame is None or self._frame.version is not version:
            self._frame = _Frame(version)
        return self._frame


def _taken(value: str | None) -> str:
    if value is None:
        raise PolicyChanged
    return value


def _text_of(policy: Policy, layer: str, language: str, asked: tuple[str, ...], *, gpc: bool) -> str:
    """The settings show every purpose, whichever of them is said something about."""
    if layer == SETTINGS:
        return settings_notice(policy, rules.cookie_purposes(policy), language, gpc=gpc)
    return place_notice(policy, asked, language) if layer == PLACE else banner_notice(policy, language, asked)


def _written(frame: _Frame, wanted: Wanted, keys: SubjectKeys, *, is_new: bool) -> _Written:
    _text, hash_ = frame.text(wanted)
    version, via = frame.version, wanted.via + "+gpc" if wanted.gpc else wanted.via
    before = None if is_new else wanted.before
    is_shown = frame.was_shown(wanted)
    rows, events, fresh = [], [], {}
    for purpose in frame.asked(wanted):
        granted, stood = wanted.purposes[purpose], before is not None and before.allows(purpose)
        if granted and stood and not is_shown:
            continue  # the earlier word stands, by its own text and no longer
        fresh[purpose] = granted
        action = rules.action_for(granted, stood)
        given = ConsentGiven(
            purpose=purpose, channel=WEB, action=action, language=wanted.language, text_hash=hash_, via=via
        )
        consent_id, event_id = ConsentId(new_id()), EventId(new_id())
        facts = rules.facts_of(version, given, consent_id)
        events.append(Told(keys=keys, kind=f"consent_{action}", at=wanted.at, facts=facts, event_id=event_id))
        ids = {"subject_id": keys.subject_id, "consent_id": consent_id, "event_id": event_id}
        rows.append({**frame.row(given, wanted.at), **ids})
    return _Written(keys, is_new, rows, events, _choice(frame, wanted, keys, fresh, before))


def _choice(frame: _Frame, wanted: Wanted, keys: SubjectKeys, fresh: dict[str, bool], before: Choice | None) -> Choice:
    """What the cookie will say: what was answered now, and earlier answers that hold, each from its own day."""
    earlier = [
        purpose for purpose, basis in frame.bases.items()
        if before is not None and purpose not in fresh
        and rules.stays(before, purpose, basis, wanted.at, gpc=wanted.gpc and purpose not in wanted.purposes)
    ]  # fmt: skip
    answered = fresh | {purpose: before.allows(purpose) for purpose in earlier if before is not None}
    return Choice(
        visitor_id=keys.subject_id, purposes={name: answered[name] for name in frame.purposes if name in answered},
        policy_number=frame.version.number, basis={name: frame.bases[name] for name in answered}, at=wanted.at,
        since={name: before.said_at(name) for name in earlier if before is not None}, gpc=wanted.gpc,
    )  # fmt: skip
