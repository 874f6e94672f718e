"""How quickly the vault takes, opens and destroys: SQLite, synchronous FULL, in one process, through the doors.

- *Collect.* `Vault.create_keys_of_many` and `Vault.collect_many`, with the ledger event of each person, in batches.
  A card: three records (name, phone, e-mail) and two identifiers of one new person. A history: thirty records of one
  new person, as an import of calls brings them. Values are normalised before; records count once they are durable.
- *Destroy.* The people of the cards, in batches of 100: begin, tombstones, keys, rows, search again, certificate of
  each, scrub of both files. Before and after, every file of both databases is searched, byte for byte, for the sealed
  values, the blind indexes and the wrapped keys of a hundred of them: afterwards nothing may be found.
- *Read.* A person with one record. By hand, A: one SELECT of the record and of its compartment key with sqlite3, and
  AES-GCM opens the value. By hand, B: the same, then one INSERT of a journal row in a durable transaction of its own.
  `Vault.read`: unwrap two levels of keys, decide, a ledger event and a journal row, durable *before* the value is
  opened. With one reader and with sixteen. A has no fsync, so against it only processor time can be compared: both
  ratios are printed. `read_own`, which the person himself calls, writes no journal: its ratio to A is on the clock.
"""

import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from harness.domain import Domain, email, name, phone
from harness.measuring import Spent, Watch, domain, machine, rate
from omonat.kernel.ids import SubjectId
from omonat.keystore import Compartment
from omonat.storage.schema import compartment_key, identifier_lookup, record, subject_key
from omonat.vault import BATCH, Brought, Origin, Told, Value

CARDS, HISTORIES, LONG = 6000, 1000, 30
COLLECT_BATCH = 500
READS, READERS = 1500, 16
ORIGIN = Origin(purpose="contract", ground="contract", source="import")


def card(number: int) -> tuple[Value, ...]:
    """What a CRM holds of a person."""
    return name(f"Dilnoza Karimova {number}"), phone(f"+99890{number:07d}"), email(f"d.karimova{number}@example.uz")


def history(number: int) -> tuple[Value, ...]:
    """Many records of one person in one part."""
    return tuple(name(f"Call {number}.{call}, 4 minutes, answered by Aziz") for call in range(LONG))


def collect(of: Domain, people: list[tuple[Value, ...]]) -> None:
    """One batch: keys durable first, then people, records and an event of each in one transaction."""
    now = of.now()
    parts = [{Compartment(ORIGIN.purpose, value.category) for value in values} for values in people]
    keys = of.vault.create_keys_of_many(parts, now)
    brought = [Brought(each, values, ORIGIN) for each, values in zip(keys, people, strict=True)]
    told = [
        Told(
            keys=one.keys,
            kind="collected",
            at=now,
            facts={"categories": sorted({value.category for value in one.values})},
        )
        for one in brought
    ]

    def unit(tx):  # type: ignore[no-untyped-def]
        of.vault.collect_many(tx, brought, now=now, new="person")
        of.vault.events.append_many(tx, told)

    of.database.write(unit)


def collecting(of: Domain) -> None:
    """Cards, then histories."""
    for what, people in (
        ("cards, 3 records each", [card(number) for number in range(CARDS)]),
        (f"histories, {LONG} records each", [history(number) for number in range(HISTORIES)]),
    ):
        with Watch() as watch:
            for start in range(0, len(people), COLLECT_BATCH):
                collect(of, people[start : start + COLLECT_BATCH])
        rate(f"collect, {what}", sum(map(len, people)), watch.spent, "20,000 records/s")


def destroying(of: Domain, folder: Path) -> None:
    """Everybody who has an identifier: the cards."""
    with of.database.read() as tx:
        people = [SubjectId(one) for one in tx.scalars(select(identifier_lookup.c.subject_id).distinct())]
    markers = traces(of, people[:: len(people) // 100])
    before = residue(folder, markers)
    with Watch() as watch:
        for start in range(0, len(people), BATCH):
            chosen = people[start : start + BATCH]
            now = of.now()
            intents = of.database.write(
                lambda tx, chosen=chosen, now=now: [  # type: ignore[misc]  # mypy cannot infer a lambda with a default
                    of.erasure.begin(tx, one, None, trigger="term", actor="bench", now=now) for one in chosen
                ]
            )
            of.erasure.carry_out_many(intents)
    rate("destroy, in batches", len(people), watch.spent, "500 erasures/s with zero residue")
    print(f"residue of {len(markers)} values, tags and keys: {before} places before, {residue(folder, markers)} after")


def traces(of: Domain, people: list[SubjectId]) -> list[bytes]:
    """What is stored of them and of nobody else."""
    found: list[bytes] = []
    for table, column in ((record, "sealed_value"), (record, "tag")):
        with of.database.read() as tx:
            found += tx.scalars(select(table.c[column]).where(table.c.subject_id.in_(people)))
    with of.keystore.database.read() as tx:
        for table in (subject_key, compartment_key):
            found += tx.scalars(select(table.c.wrapped).where(table.c.subject_id.in_(people)))
    return [one for one in found if one]


def residue(folder: Path, markers: list[bytes]) -> int:
    """In how many places of all files one of them is found."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return sum(file.count(marker) for file in files for marker in markers)


# --- reading ----------------------------------------------------------------------------------------------------------


def by_hand(of: Domain, folder: Path, *, journal: bool) -> Callable[[], Callable[[], None]]:
    """A plain table of sealed values; each reader opens its own connection."""
    path, key, subject = folder / "plain.db", os.urandom(32), os.urandom(16)
    made = sqlite3.connect(path, isolation_level=None)
    made.execute("PRAGMA journal_mode=WAL")
    made.execute("CREATE TABLE IF NOT EXISTS plain (subject BLOB PRIMARY KEY, key BLOB, sealed BLOB)")
    made.execute("CREATE TABLE IF NOT EXISTS journal (subject BLOB, at TEXT, actor TEXT, purpose TEXT)")
    nonce = os.urandom(12)
    sealed = nonce + AESGCM(key).encrypt(nonce, b"Dilnoza Karimova", subject)
    made.execute("INSERT INTO plain VALUES (?, ?, ?)", (subject, key, sealed))
    made.close()

    def reader() -> Callable[[], None]:
        tx = sqlite3.connect(path, isolation_level=None, timeout=60)
        tx.execute("PRAGMA synchronous=FULL")

        def read() -> None:
            found, bytes_ = tx.execute("SELECT key, sealed FROM plain WHERE subject=?", (subject,)).fetchone()
            if journal:
                row = (subject, of.now().isoformat(), "staff:Officer", "contract")
                tx.execute("INSERT INTO journal VALUES (?, ?, ?, ?)", row)
            AESGCM(found).decrypt(bytes_[:12], bytes_[12:], subject)

        return read

    return reader


def through_the_door(of: Domain, *, own: bool) -> Callable[[], Callable[[], None]]:
    """One person with one record."""
    who = of.person(name("Dilnoza Karimova")).subject_id

    def read() -> None:
        if own:
            (opened,) = of.vault.read_own(who)
        else:
            (opened,) = of.vault.read(who, actor="staff:Officer", purpose="contract", reason="bench", now=of.now())
        opened.value.reveal()

    return lambda: read


def timed(reader: Callable[[], Callable[[], None]], threads: int, count: int) -> Spent:
    """`count` reads in all, by so many readers at once; seconds per read."""

    def run() -> None:
        read = reader()
        for _ in range(count // threads):
            read()

    running = [threading.Thread(target=run) for _ in range(threads)]
    with Watch() as watch:
        for one in running:
            one.start()
        for one in running:
            one.join()
    done = count // threads * threads
    return Spent(watch.spent.wall / done, watch.spent.processor / done)


def reading(of: Domain, folder: Path) -> None:
    """Microseconds per read and their ratios."""
    for threads in (1, READERS):
        kinds = {
            "by hand, A (no journal)": timed(by_hand(of, folder, journal=False), threads, READS * 10),
            "by hand, B (durable journal)": timed(by_hand(of, folder, journal=True), threads, READS),
            "Vault.read_own (no journal)": timed(through_the_door(of, own=True), threads, READS),
            "Vault.read (durable journal)": timed(through_the_door(of, own=False), threads, READS),
        }
        print(f"reading one sealed record, {threads} at once (microseconds: on the clock, of the processor)")
        for what, spent in kinds.items():
            print(f"  {what}: {spent.wall * 1e6:,.0f}, {spent.processor * 1e6:,.0f}")
        plain, journalled, own, door = kinds.values()
        for name_, spent in (("read_own", own), ("read", door)):
            clock, processor = spent.wall / plain.wall, spent.processor / plain.processor
            print(f"  {name_} to A: {clock:.1f} on the clock, {processor:.1f} of the processor")
        print(f"  read to B: {door.wall / journalled.wall:.2f} on the clock; asked: 3")


def main() -> int:
    """Print everything."""
    machine()
    with domain() as (of, folder):
        reading(of, folder)
        collecting(of)
        destroying(of, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
