"""The steps build exactly what `schema.py` says, on every engine."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from harness.postgres import PostgresServer
from omonat.storage import Database, data_tables, key_tables
from omonat.storage.migrate import missing_steps, upgrade


def empty_database(tables: MetaData, engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Database:
    if engine_name == "sqlite":
        return Database(f"sqlite:///{tmp_path / 'empty.db'}", tables)
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.new_database(MetaData())
    return Database(url.replace("postgresql:", "postgresql+psycopg:", 1), tables)


def no_sum(_thing: object, name: str | None, kind: str, *_more: object) -> bool:
    """The checksum of each row (`storage/sums.py`) is SQLite's own, and in no statement of the program."""
    return (kind, name) != ("column", "row_sum")


@pytest.mark.parametrize("tables", [data_tables, key_tables], ids=["data", "keys"])
def test_the_steps_build_what_the_schema_says(
    tables: MetaData, engine_name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = empty_database(tables, engine_name, tmp_path, request)
    assert missing_steps(database) == upgrade(database) != []
    assert missing_steps(database) == upgrade(database) == []
    with database.read() as tx:
        options = {"compare_type": True, "include_object": no_sum}
        assert compare_metadata(MigrationContext.configure(tx, opts=options), tables) == []
    database.close()
