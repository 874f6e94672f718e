"""A bit that flips on the disk: in either database, the tiles, the checkpoint, the list of destructions or the key.

Many positions, not luck: every file of a small installation, at steps that are coprime to its structures. Each flip is
found by `verify`, or reading refuses it, or nothing that is stored was touched by it (a free part of a page), which is
shown by comparing everything that the file says.
"""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from harness import command
from harness.people import invent
from harness.places import POLICY
from harness.shop import Shop
from omonat.app import Omonat
from omonat.backup import verify_whole
from omonat.kernel.errors import OmonatError
from omonat.kernel.ids import SubjectId

UNREADABLE = (OmonatError, SQLAlchemyError, sqlite3.DatabaseError, ValueError)
FLIPS = 150  # of each database; the seed is fixed, so that a failure can be repeated


@pytest.fixture(scope="module")
def stays() -> list[SubjectId]:
    return []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, stays: list[SubjectId]) -> Shop:
    """A small installation with somebody in it and somebody erased, its ledger signed; nothing waits in a log."""
    made = Shop(tmp_path_factory.mktemp("flips"))
    made.run("init", "--data", made.data, "--keys", made.keys, "--policy", POLICY)
    gone = made.sends(invent())
    stays.append(made.sends(invent()))

    def act(omonat: Omonat) -> None:
        omonat.rights.erase(gone, omonat.clock.now())
        omonat.sequencer().integrate_once(omonat.clock.now())
        omonat.sequencer().release(omonat.clock.now())
        omonat.erasure.scrub()

    made.use(act)
    assert made.json("verify")["ok"]
    return made


@contextmanager
def flipped(path: Path, bit: int) -> Iterator[None]:
    """One bit of a file is another while this lasts. Afterwards nothing of it is left."""
    content = path.read_bytes()
    damaged = bytearray(content)
    damaged[bit // 8] ^= 1 << bit % 8
    path.write_bytes(damaged)
    try:
        yield
    finally:
        for rest in ("-wal", "-shm"):
            path.with_name(path.name + rest).unlink(missing_ok=True)
        path.write_bytes(content)


def is_noticed(shop: Shop, subject_id: SubjectId) -> bool:
    """By verify, or because it does not open, or by who reads the person."""
    try:
        omonat = Omonat.open(shop.data)
    except UNREADABLE:
        return True
    try:
        if not verify_whole(omonat).ok:
            return True
        omonat.vault.read_own(subject_id)
    except UNREADABLE:
        return True
    finally:
        omonat.close()
    return False


def says(path: Path) -> str:
    """Everything that a database file says, whatever its pages look like."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY 1")]
        rows = {name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"'))) for name in names}
        schema = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
    return repr((rows, schema))


@pytest.mark.parametrize("name", ["omonat.db", "keys.db"])
def test_a_flipped_bit_of_a_database_is_noticed_or_touches_nothing(
    shop: Shop, stays: list[SubjectId], name: str
) -> None:
    path = (shop.data if name == "omonat.db" else shop.keys) / name
    size, wanted, noticed = path.stat().st_size * 8, says(path), 0
    chosen = random.Random(name)
    used = [at for at in range(0, size // 8, 64) if any(path.read_bytes()[at : at + 64])]
    for _ in range(FLIPS):
        bit = (chosen.choice(used) + chosen.randrange(64)) * 8 + chosen.randrange(8)
        with flipped(path, bit):
            if is_noticed(shop, stays[0]):
                noticed += 1
            else:
                assert says(path) == wanted, f"bit {bit} of {name} changed what is stored, and nobody noticed"
    assert noticed > FLIPS / 4, "the control: most of a file says something"


def test_every_column_of_every_row_is_covered(shop: Shop) -> None:
    """What a row says is changed past Omonat, column by column: the sum of the row tells."""
    path = shop.home / "copy.db"
    shutil.copy(shop.data / "omonat.db", path)
    with closing(sqlite3.connect(path)) as connection:
        sums = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    uncovered = [name for name, sql in sums if "omonat_row_sum" not in sql and name != "alembic_version"]
    assert uncovered == []


def ledger_files(shop: Shop) -> list[Path]:
    found = [path for path in (shop.data / "ledger").rglob("*") if path.is_file() and path.name != ".lock"]
    return sorted([*found, shop.keys / "kek"])


def test_a_flipped_bit_of_a_file_is_noticed(shop: Shop, stays: list[SubjectId]) -> None:
    """Tiles, checkpoint, list of destructions, key file: every one of them, at many places."""
    chosen = random.Random("files")
    files = ledger_files(shop)
    assert {"checkpoint", "tombstones", "kek"} <= {path.name for path in files}
    for path in files:
        size = path.stat().st_size * 8
        for bit in [0, size - 9, *(chosen.randrange(size - 8) for _ in range(4))]:
            with flipped(path, bit):
                assert is_noticed(shop, stays[0]), f"bit {bit} of {path.name}"


def test_the_command_line_says_so(shop: Shop) -> None:
    content = (shop.data / "omonat.db").read_bytes()
    with flipped(shop.data / "omonat.db", (content.index(b"privacy_officer") + 3) * 8):
        said = command.omonat("verify", data=shop.data)
    assert said.code == 1 and "database_damaged" in said.out
