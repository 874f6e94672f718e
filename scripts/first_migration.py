"""Write a migration step from the difference between `schema.py` and an empty database: a draft to read and cut.

Usage: python scripts/first_migration.py data|keys REVISION
"""

import sys
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from omonat.storage import data_tables, key_tables

HEAD = '''"""{title}"""

import sqlalchemy as sa
from alembic import op

from omonat.storage.schema import Moment

revision = "{revision}"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
'''


def draft(name: str) -> str:
    """The body of `upgrade`."""
    tables = data_tables if name == "data" else key_tables
    with create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        steps = produce_migrations(context, tables).upgrade_ops
        assert steps is not None
        body = render_python_code(steps, render_as_batch=False)
    return body.replace("omonat.storage.schema.Moment", "Moment")


def main() -> None:
    """Write the file."""
    name, revision = sys.argv[1], sys.argv[2]
    path = Path("src/omonat/storage/migrations") / name / f"{revision}.py"
    lines = [line.strip() for line in draft(name).splitlines() if line.strip() and not line.strip().startswith("#")]
    body = "\n".join("    " + line for line in lines)
    path.write_text(HEAD.format(title=f"The first tables of the {name} database.", revision=revision) + body + "\n")


if __name__ == "__main__":
    main()
