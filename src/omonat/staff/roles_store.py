"""The SQL of roles that an installation made or changed."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from omonat.staff.model import Role
from omonat.storage.schema import staff_role

_c = staff_role.c


class Changed(NamedTuple):
    """A row of the table."""

    role: Role
    by: str
    at: datetime


def rows(tx: Connection) -> dict[str, Changed]:
    found = tx.execute(select(*_c))
    return {
        row.name: Changed(Role(frozenset(row.rights), frozenset(row.purposes)), row.changed_by, row.changed_at)
        for row in found
    }


def put(tx: Connection, name: str, role: Role, by: str, now: datetime) -> None:
    delete_role(tx, name)
    row = {"name": name, "rights": sorted(role.rights), "purposes": sorted(role.purposes)}
    tx.execute(insert(staff_role).values(**row, changed_at=now, changed_by=by))


def delete_role(tx: Connection, name: str) -> None:
    tx.execute(delete(staff_role).where(_c.name == name))
