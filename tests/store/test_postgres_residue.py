"""What is left of an erased person in the real files of a PostgreSQL cluster: heap, indexes, write-ahead log.

Dead rows and log stay there for a while; what counts is that nothing opens them. With the key store in a file of its
own that holds at once. With the key store on the server, too, the wrapped keys lie in its dead rows and its log, until
the key that wrapped them ends by a rotation: certificates name that window, docs/security/threat-model.md says so.
"""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from harness.people import Invented, invent
from harness.places import POLICY
from harness.postgres import PostgresServer
from harness.shop import Shop
from harness.traces import needles_of_texts, search
from omonat.app import Omonat
from omonat.kernel.errors import NotFound, OmonatError
from omonat.kernel.ids import SubjectId
from omonat.keystore.service import subject_context
from omonat.storage import schema


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresServer]:
    """Its own: every byte of it is read."""
    made = PostgresServer()
    yield made
    made.stop()


def new_shop(cluster: PostgresServer, folder: Path, *, keys_there: bool) -> tuple[Shop, str]:
    shop, url = Shop(folder), cluster.new_database()
    words: list[str | Path] = ["init", "--data", shop.data, "--keys", shop.keys, "--policy", POLICY, "--database", url]
    shop.run(*words, *(["--keys-database", cluster.new_database()] if keys_there else []))
    return shop, url


def files(cluster: PostgresServer, url: str) -> list[Path]:
    """All of the cluster, after what is in memory was written."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    return [
        path for part in ("base", "global", "pg_wal") for path in (cluster._data / part).rglob("*") if path.is_file()
    ]


def noted(omonat: Omonat, subject_id: SubjectId) -> dict[str, list[bytes]]:
    """What lies in the databases of a person: sealed values, blind indexes, the wrapped key of the person."""
    record, identifier, key = schema.record.c, schema.identifier.c, schema.subject_key.c
    with omonat.database.read() as tx:
        sealed = list(tx.scalars(select(record.sealed_value).where(record.subject_id == subject_id)))
        tags = list(tx.scalars(select(identifier.tag).where(identifier.subject_id == subject_id)))
    with omonat.keystore.database.read() as tx:
        wrapped = list(tx.scalars(select(key.wrapped).where(key.subject_id == subject_id)))
    assert len(sealed) >= 4 and len(tags) == 2 and len(wrapped) == 1
    return {"sealed": sealed, "tags": tags, "wrapped": wrapped}


def lying(content: list[bytes], needles: list[bytes]) -> list[bytes]:
    return [needle for needle in needles if any(needle in one for one in content)]


def opens(omonat: Omonat, subject_id: SubjectId, wrapped: bytes) -> bool:
    """Whether the key-encryption key that is there now opens what lies there."""
    try:
        omonat.keystore.ring.unwrap(wrapped, subject_context(subject_id))
    except OmonatError:
        return False
    return True


def texts(person: Invented) -> dict[bytes, str]:
    return needles_of_texts([person.name, person.phone.removeprefix("+998"), person.email])


def test_nothing_in_heap_indexes_and_log_can_be_read_without_the_destroyed_key(
    cluster: PostgresServer, tmp_path: Path
) -> None:
    shop, url = new_shop(cluster, tmp_path, keys_there=False)
    person = invent()
    subject_id = shop.sends(person)
    before = shop.use(lambda omonat: noted(omonat, subject_id))
    there = [path.read_bytes() for path in files(cluster, url)]
    assert lying(there, before["sealed"]) == before["sealed"], "the control: it lies there sealed"
    assert search(files(cluster, url), texts(person)) == []
    shop.use(lambda omonat: omonat.rights.erase(subject_id, omonat.clock.now()))
    left = [path.read_bytes() for path in files(cluster, url)]
    assert lying(left, before["sealed"]), "the control: dead rows and log still hold sealed bytes"
    assert search(files(cluster, url), texts(person)) == []
    assert lying(left, before["wrapped"]) == []
    keys = [path.read_bytes() for path in shop.keys.iterdir()]
    assert lying(keys, before["wrapped"]) == []
    with pytest.raises(NotFound):
        shop.use(lambda omonat: omonat.keystore.open_subject(subject_id))
    assert shop.json("verify")["ok"]


def test_a_key_store_on_the_server_is_closed_by_a_rotation(cluster: PostgresServer, tmp_path: Path) -> None:
    shop, url = new_shop(cluster, tmp_path, keys_there=True)
    subject_id = shop.sends(invent())
    (wrapped,) = shop.use(lambda omonat: noted(omonat, subject_id))["wrapped"]
    outcome = shop.use(lambda omonat: omonat.rights.erase(subject_id, omonat.clock.now()))
    assert outcome.certificate is not None
    assert "wal_archives" in outcome.certificate.window_ends, "it is named"
    left = [path.read_bytes() for path in files(cluster, url)]
    assert lying(left, [wrapped]) == [wrapped]
    assert shop.use(lambda omonat: opens(omonat, subject_id, wrapped)), "the control: this is the window"
    shop.run("keys", "rotate")
    assert not shop.use(lambda omonat: opens(omonat, subject_id, wrapped))
