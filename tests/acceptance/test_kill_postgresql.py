"""Pulling the plug in an erasure where both databases lie on a server: the same seams, the same wholeness."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest

from harness.installation import Installation, new_installation
from harness.people import Visitor, case_of, invent
from harness.postgres import PostgresServer
from harness.rig import Rig
from harness.wholeness import assert_whole, erased_ids

SEAMS = ("erase.tombstone_written", "erase.keys_destroyed", "erase.half_of_the_rows", "erase.not_scrubbed")


@dataclass(frozen=True)
class Served(Installation):
    """An installation whose databases are looked at on their server; ids come as hex, as from a file."""

    data_url: str = ""
    keys_url: str = ""

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return look(self.data_url, statement, *values)

    def key_rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return look(self.keys_url, statement, *values)


def look(url: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(statement.replace("?", "%s"), values).fetchall()  # type: ignore[arg-type]  # ours
    return [tuple(one.hex if isinstance(one, UUID) else one for one in row) for row in rows]


@pytest.fixture(scope="module")
def rig(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder, data, keys = tmp_path_factory.mktemp("kill"), postgres.new_database(), postgres.new_database()
    made = new_installation(folder / "installation", adopt=False, database=data, keys_database=keys)
    rig = Rig(folder, Served(made.data, made.keys, made.home, data, keys))
    yield rig
    rig.server.stop()


@pytest.mark.parametrize("seam", SEAMS)
def test_killed_while_a_browser_takes_its_form_back(rig: Rig, seam: str) -> None:
    visitor, person = Visitor(rig.server), invent()
    sent = visitor.send_form("callback", {"name": person.name, "phone": person.phone})
    subject_id = rig.subject_of(case_of(sent))
    rig.die_at(seam, lambda: visitor.send("/disagree", erase="on"))
    assert subject_id in erased_ids(rig.installation)
    certified = "SELECT certificate ->> 'keys' FROM destruction WHERE subject_id = ?"
    keys = [int(row[0]) for row in rig.installation.rows(certified, subject_id)]
    assert len(keys) == 1 and all(keys)
    assert_whole(rig.server)
