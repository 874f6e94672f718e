"""Write a migration step: the difference between `schema.py` and what the steps before it build. A draft to read.

Usage: python scripts/draft_migration.py data|keys REVISION     (such as 0002_expand_console; may be written anew)
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from omonat.storage import Database, data_tables, key_tables
from omonat.storage.writer import WRITES

FOLDER = Path("src/omonat/storage/migrations")
HEAD = '''"""{title}"""

import sqlalchemy as sa
from alembic import op

from omonat.storage.schema import Moment

revision = "{revision}"
down_revision = {before!r}


def upgrade() -> None:
    """Make the tables."""
'''


def draft(name: str, before: str | None) -> str:
    """The body of `upgrade`: what `schema.py` has and the steps up to `before` do not build."""
    tables = data_tables if name == "data" else key_tables
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db", tables)
        scripts = ScriptDirectory(str(FOLDER), version_locations=[str(FOLDER / name)])
        with database.engine.connect().execution_options(**{WRITES: True}) as tx:
            context = MigrationContext.configure(tx, opts={"compare_type": True})
            if before:
                with Operations.context(context):
                    for script in reversed(list(scripts.iterate_revisions(before, "base"))):
                        script.module.upgrade()
            steps = produce_migrations(context, tables).upgrade_ops
            assert steps is not None
            body = render_python_code(steps, render_as_batch=False)
        database.close()
    return body.replace("omonat.storage.schema.Moment", "Moment")


def main() -> None:
    """Write the file."""
    name, revision = sys.argv[1], sys.argv[2]
    path = FOLDER / name / f"{revision}.py"
    path.unlink(missing_ok=True)
    before = max((other.stem for other in path.parent.glob("[0-9]*.py") if other.stem < revision), default=None)
    title = " ".join(revision.split("_")[2:]).capitalize() + f": tables of the {name} database."
    lines = [line.strip() for line in draft(name, before).splitlines()]
    body = "\n".join("    " + line for line in lines if line and not line.startswith("#"))
    path.write_text(HEAD.format(title=title, revision=revision, before=before) + body + "\n", "utf-8")
    subprocess.run([Path(sys.executable).parent / "ruff", "format", "--quiet", path], check=True)


if __name__ == "__main__":
    main()
