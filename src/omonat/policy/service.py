"""Use cases of policy versions: publish a folder, adopt an issued text, serve what is in force (9.1, 9.2)."""

import re
import time
from collections.abc import Callable
from datetime import date, datetime
from datetime import time as time_of_day
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.kernel.clock import TASHKENT, local_date
from omonat.kernel.codec import from_json
from omonat.kernel.errors import Damaged, InvalidInput, Misconfigured, NotFound, OmonatError
from omonat.kernel.ids import EventId
from omonat.kernel.language import LANGUAGES
from omonat.law import read_rule_pack
from omonat.policy import store
from omonat.policy.folder import Finding, check, load
from omonat.policy.model import Policy
from omonat.policy.ports import Ledger
from omonat.policy.version import (
    Canonical,
    Kind,
    Version,
    adopted_bytes,
    hash_of,
    published_bytes,
    read_canonical,
)
from omonat.policy.voiding import lapsed_under
from omonat.staff import StaffAccount, require
from omonat.storage.engine import Database

_RECENT_SECONDS = 1.0
_NO_EVENT = EventId(UUID(int=0))
_NUMBER = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){0,3}")


class PolicyNotReady(OmonatError):
    """The folder has findings, so it cannot be published. `findings` lists them all."""

    code = "policy_not_ready"
    message = "The policy folder has {count} findings."
    what_to_do = "Run `omonat policy check` on it and correct what it names."

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(count=len(findings))


class _Act(msgspec.Struct, frozen=True, kw_only=True):
    """Who puts which bytes into force, when and why."""

    canonical: bytes
    author: StaffAccount
    reason: str
    now: datetime
    in_force_at: datetime


class Policies:
    """The versions of the policy. A stored version is immutable: one whose bytes changed is refused."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger
        self._loaded: dict[tuple[str, str], Version] = {}  # never more than there are versions
        self._recent: tuple[float, Version] | None = None
        self._compared: dict[str, Version] = {}  # the version in force with what it made void, by its hash
        self.on_publish: list[Callable[[Connection, Version, str, datetime], None]] = []
        """What else happens in the transaction that publishes: called with the version, the actor and the moment."""

    def in_force(self, tx: Connection | None = None) -> Version:
        """The version in force at this moment, from memory when it is still the newest: one small SELECT.

        Pass `tx` to ask inside a unit of work. Raises Misconfigured before the first publish, Damaged when its bytes
        are not what was stored.
        """
        if tx is None:
            newest = store.ask_last(self._database)
            version = self._compared.get(newest.hash) if newest is not None else None
            if version is None:
                with self._database.read() as reading:
                    version = self.in_force(reading)
            self._recent = (time.monotonic(), version)  # never from inside a unit, which may yet fail
            return version
        head = store.find_last(tx)
        if head is None or head.kind != "published":
            raise Misconfigured(
                what="No version of the policy has been published yet.",
                fix="Run: omonat policy publish FOLDER --reason TEXT",
            )
        return self._with_lapsed(tx, head)

    def recent(self) -> Version:
        """The version that was in force a second ago at most, without asking the database each time.

        For what a visitor answers to a text that he was shown a while ago; never for a door. Raises as `in_force`.
        """
        held = self._recent
        if held is not None and time.monotonic() - held[0] < _RECENT_SECONDS:
            return held[1]
        return self.in_force()

    def find_in_force(self) -> Version | None:
        """The version in force, or None before the first publish."""
        with self._database.read() as tx:
            head = store.find_last(tx)
            return self._with_lapsed(tx, head) if head and head.kind == "published" else None

    def _with_lapsed(self, tx: Connection, head: store.Head) -> Version:
        """The version in force knows which consents to earlier ones it made void: the decision asks it (9.2)."""
        if head.hash not in self._compared:
            version = self._load(tx, head)
            earlier = [self._load(tx, one) for one in store.list_heads(tx) if one.number != head.number]
            known = [one.policy for one in earlier if one.policy is not None]
            facts = msgspec.structs.replace(version.facts, lapsed=lapsed_under(version.facts, known))
            self._compared = {head.hash: msgspec.structs.replace(version, policy=facts)}
        return self._compared[head.hash]

    def published_facts(self) -> dict[str, Policy]:
        """The facts of every published version by its number."""
        return {version.number: version.policy for version in self.versions() if version.policy is not None}

    def purposes_in_force(self) -> frozenset[str]:
        """The purposes that the version in force declares; none before the first publish."""
        version = self.find_in_force()
        return frozenset(version.facts.purposes) if version is not None else frozenset()

    def versions(self) -> list[Version]:
        """Every version, the oldest first. Raises Damaged."""
        with self._database.read() as tx:
            return [self._load(tx, head) for head in store.list_heads(tx)]

    def get(self, number: str) -> Version:
        """Raises NotFound, Damaged."""
        with self._database.read() as tx:
            head = store.find_head(tx, number)
            if head is None:
                raise NotFound()
            return self._load(tx, head)

    def publish(self, folder: Path, *, author: StaffAccount, reason: str, now: datetime) -> Version:
        """Put a folder into force at `now` (9.2). Raises NotAllowed, PolicyNotReady, InvalidInput."""
        require(author, "policy.publish")
        findings = check(folder)
        if findings:
            raise PolicyNotReady(findings)
        canonical = folder_bytes(folder)
        return self._put(_Act(canonical=canonical, author=author, reason=reason, now=now, in_force_at=now))

    def publish_bytes(self, canonical: bytes, *, author: StaffAccount, reason: str, now: datetime) -> Version:
        """Put the canonical bytes of a folder that was checked before into force. Raises NotAllowed, InvalidInput."""
        require(author, "policy.publish")
        return self._put(_Act(canonical=canonical, author=author, reason=reason, now=now, in_force_at=now))

    def as_version(self, canonical: bytes, now: datetime) -> Version:
        """The version that canonical bytes would become at `now`."""
        return draft_of(canonical, now)

    def check_next(self, version: Version) -> None:
        """Whether it could be published as far as its number goes. Raises InvalidInput."""
        with self._database.read() as tx:
            _check_place(read_canonical(version.canonical), store.find_last(tx))

    def adopt(
        self, text: bytes, *, number: str, issued_on: date, language: str, author: StaffAccount, now: datetime
    ) -> Version:  # fmt: skip
        """Store an issued text verbatim as a past version. Raises NotAllowed, InvalidInput.

        Adopt before the first publish: an adopted text has no facts, so it can never be what is in force.
        """
        require(author, "policy.publish")
        if language not in LANGUAGES or issued_on > local_date(now):
            raise InvalidInput({"language": "Use one of the four languages, and a day that has come."})
        canonical = adopted_bytes(_decoded(text), number=number, issued_on=issued_on, language=language)
        in_force_at = datetime.combine(issued_on, time_of_day(), TASHKENT)
        reason = f"Issued on {issued_on.isoformat()}, adopted verbatim."
        return self._put(_Act(canonical=canonical, author=author, reason=reason, now=now, in_force_at=in_force_at))

    def _put(self, act: _Act) -> Version:
        read = read_canonical(act.canonical)
        _check_act(act, read)

        def unit(tx: Connection) -> None:
            last = store.find_last(tx)
            _check_place(read, last)
            event_id = self._ledger.append(tx, kind=f"policy_{read.kind}", at=act.now, facts=_event_facts(act, read))
            stored = store.StoredVersion(
                number=read.number,
                sequence=last.sequence + 1 if last else 1,
                kind=read.kind,
                hash=hash_of(act.canonical),
                canonical=act.canonical,
                author=act.author.name,
                reason=act.reason.strip(),
                issued_on=read.issued_on,
                in_force_at=act.in_force_at,
                event_id=event_id,
            )
            store.insert_version(tx, stored)
            if read.facts is not None:
                for told in self.on_publish:
                    told(tx, self.in_force(tx), act.author.actor, act.now)

        self._database.write(unit)
        self._recent = None
        return self.get(read.number)

    def _load(self, tx: Connection, head: store.Head) -> Version:
        found = self._loaded.get((head.number, head.hash))
        if found is None:
            stored = store.find_version(tx, head.number)
            if stored is None or not self._is_whole(tx, stored):
                raise Damaged(what=f"Version {head.number} of the policy")
            found = self._loaded[(head.number, head.hash)] = _version(stored, read_canonical(stored.canonical))
        return found

    def _is_whole(self, tx: Connection, stored: store.StoredVersion) -> bool:
        """The bytes have their hash, and it is the one that the ledger event of the version holds."""
        if hash_of(stored.canonical) != stored.hash:
            return False
        try:
            event = self._ledger.get(tx, stored.event_id)
        except NotFound:
            return False
        return sha256(event.body).digest() == event.hash and from_json(event.body, _Body).facts["hash"] == stored.hash


class _Body(msgspec.Struct):
    facts: dict[str, Any]


def folder_bytes(folder: Path) -> bytes:
    """The canonical bytes of a folder without findings."""
    read = load.read_folder(folder)
    policy = load.to_policy(read.source.tree)
    prose = {language: prose.text for language, prose in read.prose.items()}
    return published_bytes(policy, read_rule_pack(policy.law), prose)


def draft(folder: Path, now: datetime) -> Version:
    """The folder as the version that it would become at `now`: for `show` and `diff`. Raises PolicyNotReady."""
    findings = check(folder)
    if findings:
        raise PolicyNotReady(findings)
    return draft_of(folder_bytes(folder), now)


def draft_of(canonical: bytes, now: datetime) -> Version:
    """Canonical bytes as the version that they would become at `now`."""
    stored = store.StoredVersion(
        number=read_canonical(canonical).number,
        sequence=0,
        kind="published",
        hash=hash_of(canonical),
        canonical=canonical,
        author="",
        reason="",
        issued_on=None,
        in_force_at=now,
        event_id=_NO_EVENT,
    )
    return _version(stored, read_canonical(canonical))


def number_order(number: str) -> tuple[int, ...]:
    """3.10 is after 3.9. Raises ValueError."""
    if not _NUMBER.fullmatch(number):
        raise ValueError(number)
    return tuple(int(part) for part in number.split("."))


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput({"file": "The file is not UTF-8 text."}) from error


def _check_act(act: _Act, read: Canonical) -> None:
    problems = {}
    if not act.reason.strip():
        problems["reason"] = "A reason is needed."
    if not _NUMBER.fullmatch(read.number):
        problems["number"] = "A version number looks like 3.2."
    if not any(document.sections for document in read.documents.values()):
        problems["file"] = "The text has no section of the form “## 1. Title”."
    if problems:
        raise InvalidInput(problems)


def _check_place(read: Canonical, last: store.Head | None) -> None:
    if last is None:
        return
    if number_order(read.number) <= number_order(last.number):
        raise InvalidInput({"number": "The number must be greater than that of the last version."}, last=last.number)
    if read.kind == "adopted" and last.kind == "published":
        raise InvalidInput({"number": "An issued text is adopted before the first version is published."})


def _event_facts(act: _Act, read: Canonical) -> dict[str, object]:
    """What the ledger keeps: the author by id, the reason by its hash, no free text."""
    return {
        "number": read.number,
        "hash": hash_of(act.canonical),
        "languages": list(read.documents),
        "issued_on": read.issued_on.isoformat() if read.issued_on else None,
        "author": str(act.author.staff_id),
        "reason_hash": sha256(act.reason.strip().encode()).hexdigest(),
    }


def _version(stored: store.StoredVersion, read: Canonical) -> Version:
    kind: Kind = read.kind
    languages = read.facts.languages if read.facts else tuple(read.documents)
    return Version(
        number=stored.number,
        kind=kind,
        hash=stored.hash,
        sequence=stored.sequence,
        policy=read.facts,
        languages=languages,
        in_force_at=stored.in_force_at,
        issued_on=stored.issued_on,
        author=stored.author,
        reason=stored.reason,
        event_id=stored.event_id,
        canonical=stored.canonical,
        documents=read.documents,
        prose=read.prose,
    )
