"""Making, opening and destroying keys. Every call commits in the key store alone: callers order their sagas by that."""

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection

from omonat.crypto import KeyRing, key_name, new_key, open_sealed, seal
from omonat.kernel.codec import length_prefixed
from omonat.kernel.errors import Misconfigured, NotFound, OmonatError
from omonat.kernel.ids import KeyId, SubjectId, new_id
from omonat.keystore import store
from omonat.keystore.model import COMMITMENT, Compartment, CompartmentKey, Epoch, OlderVersion, SubjectKeys
from omonat.storage import Database

Made = TypeVar("Made")

# Blind indexes, sign-in codes, tokens kept as tags, signed form fields, the ledger's signing seed, the staff's sign-in.
SECRETS = ("index:email", "index:phone", "index:contract", "code", "token", "field", "ledger", "staff", "webhook",
           "suppression")  # fmt: skip
INDEX_KEYS = tuple(name for name in SECRETS if name.startswith("index:"))  # rotated together: one version for all


class KeyStore:
    """The keys of one installation."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self.database = database
        self.ring = ring
        self._secrets: dict[str, bytes] = {}
        self._index_keys: dict[tuple[str, int], bytes] = {}
        self._under = ""

    def create_secrets(self, now: datetime) -> None:
        """Make the first epoch and the secrets that are missing: `omonat init`, also when run again.

        Raises KeysUnavailable.
        """
        with self.database.read() as tx:
            missing = [name for name in SECRETS if store.find_secret(tx, name) is None]

        def wrapped(under: str) -> dict[str, bytes]:
            return {name: self.ring.wrap(new_key(), secret_context(name, 1), under) for name in missing}

        def insert(tx: Connection, made: dict[str, bytes], under: str) -> None:
            if not store.epochs(tx):
                store.insert_epoch(tx, Epoch(number=1, key_id=under, event_id=None, began_at=now))
            for name, one in made.items():
                if store.find_secret(tx, name) is None:  # made meanwhile by another
                    store.insert_secret(tx, name, 1, one, now)

        self._write_in_epoch(wrapped, insert)

    def _write_in_epoch(self, wrap: Callable[[str], Made], insert: Callable[[Connection, Made, str], None]) -> None:
        """Store what was wrapped, unless a rotation has begun meanwhile: then it is wrapped again under the new key.

        The unit reads the epoch itself, so that nothing comes to lie under a key that is about to be destroyed.
        """
        under, present = "", self._under or present_key(self.database) or self.ring.newest()
        while present != under:
            made, under = self._made_under(wrap, present)
            present = self.database.write(_in_epoch(made, insert, under))
        self._under = under

    def _made_under(self, wrap: Callable[[str], Made], under: str) -> tuple[Made, str]:
        """What was wrapped, and under which key: when the known one wraps no more, perhaps there is a newer one."""
        try:
            return wrap(under), under
        except OmonatError:
            present = present_key(self.database)
            if present in ("", under):
                raise
            return wrap(present), present

    def secret(self, name: str) -> bytes:
        """A secret of the installation by its name in SECRETS. Raises Misconfigured when the store lacks it."""
        if name not in self._secrets:
            with self.database.read() as tx:
                found = store.find_secret(tx, name)
            if found is None:
                raise Misconfigured(what=f"The key store has no secret “{name}”.", fix="Run omonat init again.")
            self._secrets[name] = self._opened(
                found.wrapped, secret_context(name, found.version), lambda tx: _secret_bytes(tx, name)
            )
        return self._secrets[name]

    # --- versions of the index keys -------------------------------------------------------------------------------

    def index_key(self, kind: str, version: int) -> bytes:
        """The blind-index key of a kind of identifier. Raises NotFound when this version is destroyed or lost."""
        name = f"index:{kind}"
        if (name, version) not in self._index_keys:
            with self.database.read() as tx:
                found = store.find_secret_version(tx, name, version)
            if found is None:
                raise NotFound()
            self._index_keys[name, version] = self._opened(
                found, secret_context(name, version), lambda tx: store.find_secret_version(tx, name, version)
            )
        return self._index_keys[name, version]

    def index_versions(self) -> dict[int, datetime]:
        """The versions that are whole, a key for each kind, and since when."""
        with self.database.read() as tx:
            found = store.versions_of(tx, INDEX_KEYS)
        made: dict[int, list[datetime]] = {}
        for _name, version, made_at in found:
            made.setdefault(version, []).append(made_at)
        return {version: min(times) for version, times in made.items() if len(times) == len(INDEX_KEYS)}

    def make_index_keys(self, version: int, now: datetime) -> None:
        """A version of the index keys, durable when this returns; what is there of it stays."""

        def wrapped(under: str) -> dict[str, bytes]:
            return {name: self.ring.wrap(new_key(), secret_context(name, version), under) for name in INDEX_KEYS}

        def insert(tx: Connection, made: dict[str, bytes], _under: str) -> None:
            for name, one in made.items():
                if store.find_secret_version(tx, name, version) is None:
                    store.insert_secret(tx, name, version, one, now)

        self._write_in_epoch(wrapped, insert)

    def destroy_index_keys_before(self, version: int) -> int:
        """Destroy older versions of the index keys; scrubbed when this returns. Returns how many keys."""
        count = self.database.write(lambda tx: store.delete_versions_before(tx, INDEX_KEYS, version))
        self._index_keys = {held: key for held, key in self._index_keys.items() if held[1] >= version}
        self.database.scrub()
        return count

    # --- keys that live for hours: what they sealed is gone with them, from every copy ------------------------------

    def make_passing(self, owner: UUID, now: datetime) -> bytes:
        """A new key for something short-lived, durable when this returns; an earlier one of `owner` is destroyed."""
        key, name = new_key(), _passing(owner)

        def insert(tx: Connection, wrapped: bytes, _under: str) -> None:
            store.delete_secret(tx, name)
            store.insert_secret(tx, name, 1, wrapped, now)

        self._write_in_epoch(lambda under: self.ring.wrap(key, secret_context(name, 1), under), insert)
        return key

    def open_passing(self, owner: UUID) -> bytes:
        """Raises NotFound once it is destroyed."""
        name = _passing(owner)
        with self.database.read() as tx:
            found = _secret_bytes(tx, name)
        if found is None:
            raise NotFound()
        return self._opened(found, secret_context(name, 1), lambda tx: _secret_bytes(tx, name))

    def destroy_passing(self, owners: Iterable[UUID], made_before: datetime | None = None) -> int:
        """Destroy the keys of `owners`, and whatever was made before a moment; scrubbed when this returns."""
        names = [_passing(owner) for owner in owners]
        if made_before is not None:
            with self.database.read() as tx:
                names += store.secrets_made_before(tx, _PASSING, made_before)
        if not names:
            return 0
        count = self.database.write(lambda tx: sum(store.delete_secret(tx, name) for name in names))
        self.database.scrub()
        return count

    def create_subject(self, subject_id: SubjectId, parts: Iterable[Compartment], now: datetime) -> SubjectKeys:
        """Keys for a new subject, durable when this returns. The data that uses them comes after (create saga).

        Raises KeysUnavailable. The provider is asked outside of the transaction: nobody waits for it but the caller.
        """
        (keys,) = self.create_subjects([(subject_id, parts)], now)
        return keys

    def create_many(self, count: int, now: datetime, parts: Iterable[Compartment] = ()) -> list[SubjectKeys]:
        """The same for `count` new subjects, in one transaction."""
        shared = set(parts)
        return self.create_subjects([(SubjectId(new_id()), shared) for _ in range(count)], now)

    def create_subjects(
        self, wanted: Iterable[tuple[SubjectId, Iterable[Compartment]]], now: datetime
    ) -> list[SubjectKeys]:
        """The same for many new subjects, each with his parts."""
        made = [
            SubjectKeys(
                one, new_key(), {part: CompartmentKey(KeyId(new_id()), new_key()) for part in {COMMITMENT, *parts}}
            )
            for one, parts in wanted
        ]
        rows = [row for keys in made for row in _rows(keys.subject_id, keys.root, keys.parts(), now)]

        def wrap(under: str) -> list[tuple[SubjectId, bytes]]:
            wrapped = self.ring.wrap
            return [(k.subject_id, wrapped(k.root, subject_context(k.subject_id), under)) for k in made]

        def insert(tx: Connection, wrapped: list[tuple[SubjectId, bytes]], _under: str) -> None:
            store.insert_subjects(tx, wrapped, now)
            store.insert_compartments(tx, rows)

        self._write_in_epoch(wrap, insert)
        return made

    def open_subject(self, subject_id: SubjectId) -> SubjectKeys:
        """The keys of a subject. Raises NotFound when they are destroyed or were never made; KeysUnavailable."""
        wrapped, rows = store.ask_all_of(self.database, subject_id)
        if wrapped is None:
            raise NotFound()
        return self._opened_subject(subject_id, wrapped, rows)

    def open_many(
        self, people: Iterable[SubjectId], *, only: Container[Compartment] | None = None
    ) -> dict[SubjectId, SubjectKeys]:
        """The keys of a page of subjects, in one statement; whose keys are destroyed is left out.

        `only`: these compartments and no others. Raises KeysUnavailable.
        """
        with self.database.read() as tx:
            found = store.all_of_many(tx, list(people))
        if only is not None:
            found = {who: (wrapped, [held for held in rows if held.part in only])
                     for who, (wrapped, rows) in found.items()}  # fmt: skip
        return self._opened_many(found)

    def open_part_of_many(self, people: Iterable[SubjectId], part: Compartment) -> dict[SubjectId, SubjectKeys]:
        """The same with the present key of one compartment alone, the quickest way to it. Raises KeysUnavailable."""
        with self.database.read() as tx:
            found = store.part_of_many(tx, list(people), part)
        return self._opened_many(found)

    def _opened_many(self, found: Mapping[SubjectId, store.Held]) -> dict[SubjectId, SubjectKeys]:
        opened = {}
        for subject_id, (wrapped, rows) in found.items():
            try:
                opened[subject_id] = self._opened_subject(subject_id, wrapped, rows)
            except NotFound:  # destroyed a moment ago
                continue
        return opened

    def _opened_subject(self, subject_id: SubjectId, wrapped: bytes, rows: Iterable[store.HeldKey]) -> SubjectKeys:
        root = self._opened(wrapped, subject_context(subject_id), lambda tx: store.find_subject(tx, subject_id))

        def unwrapped(held: store.HeldKey) -> bytes:
            return open_sealed(root, held.wrapped, part_context(subject_id, held.key_id, held.part))

        opened = {held.part: CompartmentKey(held.key_id, unwrapped(held)) for held in rows if held.present}
        older = {held.key_id: OlderVersion(held.part, partial(unwrapped, held)) for held in rows if not held.present}
        return SubjectKeys(subject_id, root, opened, older, find=partial(self._find_version, subject_id, root))

    def _find_version(self, subject_id: SubjectId, root: bytes, key_id: KeyId) -> bytes | None:
        """A version that was made after the keys of the subject were opened."""
        with self.database.read() as tx:
            found = next((held for held in store.all_of(tx, subject_id)[1] if held.key_id == key_id), None)
        if found is None:
            return None
        return open_sealed(root, found.wrapped, part_context(subject_id, key_id, found.part))

    def _opened(self, wrapped: bytes, context: bytes, again: Callable[[Connection], bytes | None]) -> bytes:
        """The key; looked for once more when a rotation has moved it between reading and asking the provider."""
        try:
            return self.ring.unwrap(wrapped, context)
        except OmonatError:
            with self.database.read() as tx:
                found = again(tx)
            if found is None:  # destroyed meanwhile
                raise NotFound() from None
            if found == wrapped:
                raise
            return self.ring.unwrap(found, context)

    def epochs(self) -> list[Epoch]:
        """Every epoch of the key-encryption key, oldest first."""
        with self.database.read() as tx:
            return store.epochs(tx)

    def add_compartments(self, held: SubjectKeys, parts: Iterable[Compartment], now: datetime) -> SubjectKeys:
        """Make the keys of `parts` that are missing; returns the subject's keys with them."""
        missing = [part for part in set(parts) if not held.has(part)]
        if not missing:
            return held
        made = {part: CompartmentKey(KeyId(new_id()), new_key()) for part in missing}

        def unit(tx: Connection) -> None:
            there = {part for _, part, _ in store.compartments_of(tx, held.subject_id)}  # made meanwhile by another
            fresh = {part: key for part, key in made.items() if part not in there}
            if fresh:
                store.insert_compartments(tx, _rows(held.subject_id, held.root, fresh, now))

        self.database.write(unit)
        return self.open_subject(held.subject_id)

    def destroy(self, subject_id: SubjectId, parts: Iterable[Compartment] | None) -> int:
        """Destroy keys, every version: of `parts`, or of the whole subject. Returns how many; may be repeated.

        On SQLite the bytes are also scrubbed from file and log before this returns.
        """
        (count,) = self.destroy_many([(subject_id, parts)])
        return count

    def destroy_many(self, ended: Iterable[tuple[SubjectId, Iterable[Compartment] | None]]) -> list[int]:
        """The same for many, in one transaction and with one scrub; how many keys went of each."""
        chosen = [(subject_id, parts if parts is None else list(parts)) for subject_id, parts in ended]

        def unit(tx: Connection) -> list[int]:
            return [
                store.delete_subject(tx, subject_id)
                if parts is None
                else store.delete_compartments(tx, subject_id, parts)
                for subject_id, parts in chosen
            ]

        counts = self.database.write(unit)
        self.database.scrub()
        return counts

    def count_left(self, subject_id: SubjectId, parts: Iterable[Compartment] | None) -> int:
        """How many keys there are of `parts`, or of the whole subject: 0 once they are destroyed."""
        (count,) = self.count_left_of([(subject_id, parts)])
        return count

    def count_left_of(self, ended: Iterable[tuple[SubjectId, Iterable[Compartment] | None]]) -> list[int]:
        """The same for many, in one read."""
        chosen = [(who, parts if parts is None else list(parts)) for who, parts in ended]
        with self.database.read() as tx:
            whole = store.count_keys_of_whole(tx, [who for who, parts in chosen if parts is None])
            return [whole.get(who, 0) if parts is None else store.count_keys(tx, who, parts) for who, parts in chosen]

    def destroy_again(self, ended: Iterable[tuple[SubjectId, UUID, Iterable[Compartment] | None]]) -> dict[UUID, int]:
        """After a restore of the key store: (subject, event of its destruction, parts or None for the whole).

        Keys of a part that were made after the event belong to a later consent and stay. Returns how many went, by
        event.
        """
        chosen = [(subject_id, event_id, parts and list(parts)) for subject_id, event_id, parts in ended]

        def unit(tx: Connection) -> dict[UUID, int]:
            went = dict[UUID, int]()
            for subject_id, event_id, parts in chosen:
                went[event_id] = went.get(event_id, 0) + (
                    store.delete_subject(tx, subject_id)
                    if parts is None
                    else store.delete_older_compartments(tx, subject_id, parts, event_id)
                )
            return went

        went = self.database.write(unit)
        self.database.scrub()
        return went

    def count_back(self, ended: Iterable[tuple[SubjectId, UUID, Iterable[Compartment] | None]]) -> list[int]:
        """How many keys of each are there that `destroy_again` would destroy, in one read: 0 unless they came back."""
        with self.database.read() as tx:
            return [
                store.count_keys(tx, subject_id, None)
                if parts is None
                else store.count_older_compartments(tx, subject_id, parts, event_id)
                for subject_id, event_id, parts in ended
            ]

    def subjects_made_before(self, moment: datetime) -> list[SubjectId]:
        """Whose keys are older than `moment`: candidates for the orphan sweep."""
        with self.database.read() as tx:
            return store.subjects_made_before(tx, moment)


def is_empty(database: Database) -> bool:
    """Whether a key store was never used: only then a key-encryption key may be made for it."""
    with database.read() as tx:
        return store.find_secret(tx, SECRETS[0]) is None


def _secret_bytes(tx: Connection, name: str) -> bytes | None:
    found = store.find_secret(tx, name)
    return found.wrapped if found else None


def present_key(database: Database) -> str:
    """The name of the key-encryption key of the present epoch; empty for a key store that was never used."""
    with database.read() as tx:
        if known := store.epochs(tx):
            return known[-1].key_id
        found = store.find_secret(tx, SECRETS[0])
    return key_name(found.wrapped) if found else ""


def _in_epoch(made: Made, insert: Callable[[Connection, Made, str], None], under: str) -> Callable[[Connection], str]:
    def unit(tx: Connection) -> str:
        """Answers with the key of the present epoch; nothing is stored when it is another one."""
        known = store.epochs(tx)
        present = known[-1].key_id if known else under
        if present == under:
            insert(tx, made, under)
        return present

    return unit


def _rows(
    subject_id: SubjectId, root: bytes, made: Mapping[Compartment, CompartmentKey], now: datetime
) -> list[dict[str, object]]:
    return [
        {
            "subject_id": subject_id,
            "key_id": held.key_id,
            "purpose": part.purpose,
            "category": part.category,
            "wrapped": seal(root, held.key, part_context(subject_id, held.key_id, part)),
            "created_at": now,
        }
        for part, held in made.items()
    ]


_PASSING = "passing:"


def _passing(owner: UUID) -> str:
    return f"{_PASSING}{owner.hex}"


def secret_context(name: str, version: int) -> bytes:
    """To what a wrapped secret is bound."""
    return length_prefixed(b"secret", name.encode(), version.to_bytes(4))


def subject_context(subject_id: SubjectId) -> bytes:
    """To what a wrapped subject key is bound."""
    return length_prefixed(b"subject", subject_id.bytes)


def part_context(subject_id: SubjectId, key_id: KeyId, part: Compartment) -> bytes:
    """To what a sealed compartment key is bound."""
    return length_prefixed(b"part", subject_id.bytes, key_id.bytes, part.purpose.encode(), part.category.encode())
