"""Migrations: linear, expand first and contract later, so that the code of yesterday runs on the schema of today.

`migrations/data` and `migrations/keys` hold the steps of the two databases, named `NNNN_{expand|contract}_words.py`.
A test compares what they build with `schema.py`.
"""

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection

from omonat.storage.engine import Database
from omonat.storage.schema import keys
from omonat.storage.sums import summed_tables

_FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> list[str]:
    """Bring a database to the newest schema. Returns the steps that were taken; none when it was there already."""
    scripts = _scripts(database)

    def unit(tx: Connection) -> list[str]:
        context = MigrationContext.configure(tx)
        taken = []
        for script in _steps_after(scripts, context.get_current_revision()):
            with Operations.context(context), summed_tables():
                script.module.upgrade()
            context.stamp(scripts, script.revision)
            taken.append(script.revision)
        if taken:
            database.note_schema(tx)
        return taken

    return database.write(unit)


def missing_steps(database: Database) -> list[str]:
    """The steps that a database still lacks."""
    with database.read() as tx:
        current = MigrationContext.configure(tx).get_current_revision()
    return [script.revision for script in _steps_after(_scripts(database), current)]


def _steps_after(scripts: ScriptDirectory, current: str | None) -> list[Script]:
    return list(reversed(list(scripts.iterate_revisions("head", current or "base"))))


def _scripts(database: Database) -> ScriptDirectory:
    name = "keys" if database.tables is keys else "data"
    return ScriptDirectory(str(_FOLDER), version_locations=[str(_FOLDER / name)])
