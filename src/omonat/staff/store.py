"""The SQL of staff accounts."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from omonat.kernel.ids import StaffId
from omonat.staff.model import ROLES, Role, StaffAccount, granted
from omonat.storage.schema import staff, staff_role

ACCOUNT = (staff.c.staff_id, staff.c.name, staff.c.os_user, staff.c.roles, staff.c.active, staff.c.created_at)


def insert_account(tx: Connection, account: StaffAccount) -> None:
    """Store a new account. Raises IntegrityError when the name or the operating-system user is taken."""
    tx.execute(
        insert(staff).values(
            staff_id=account.staff_id,
            name=account.name,
            os_user=account.os_user,
            roles=list(account.roles),
            active=account.active,
            created_at=account.created_at,
        )
    )


def find_by_name(tx: Connection, name: str) -> StaffAccount | None:
    """The account of that name, active or not."""
    return _find(tx, staff.c.name == name)


def find_by_os_user(tx: Connection, os_user: str) -> StaffAccount | None:
    """The account bound to that operating-system user."""
    return _find(tx, staff.c.os_user == os_user)


def list_accounts(tx: Connection) -> list[StaffAccount]:
    """Every account, by name."""
    known = roles(tx)
    return [account_of(row, known) for row in tx.execute(select(*ACCOUNT).order_by(staff.c.name))]


def set_inactive(tx: Connection, staff_id: StaffId) -> None:
    """The account may do nothing from now on; its operating-system user is free again."""
    tx.execute(update(staff).where(staff.c.staff_id == staff_id).values(active=False, os_user=None))


def set_active(tx: Connection, staff_id: StaffId) -> None:
    """The person has set up a sign-in, and may work."""
    tx.execute(update(staff).where(staff.c.staff_id == staff_id).values(active=True))


def set_roles(tx: Connection, staff_id: StaffId, names: tuple[str, ...]) -> None:
    """What the account is from now on."""
    tx.execute(update(staff).where(staff.c.staff_id == staff_id).values(roles=list(names)))


def _find(tx: Connection, condition: ColumnElement[bool]) -> StaffAccount | None:
    row = tx.execute(select(*ACCOUNT).where(condition)).first()
    return account_of(row, roles(tx)) if row else None


def find_by_id(tx: Connection, staff_id: StaffId) -> StaffAccount | None:
    """The account of that id, active or not."""
    return _find(tx, staff.c.staff_id == staff_id)


def roles(tx: Connection) -> dict[str, Role]:
    """Every role by name: the built-in ones, and what the table says instead or besides."""
    c = staff_role.c
    rows = tx.execute(select(c.name, c.rights, c.purposes))
    return ROLES | {row.name: Role(frozenset(row.rights), frozenset(row.purposes)) for row in rows}


def account_of(row: Any, known: dict[str, Role]) -> StaffAccount:
    """The account of a row with the columns of ACCOUNT."""
    return StaffAccount(
        staff_id=StaffId(row.staff_id),
        name=row.name,
        roles=tuple(row.roles),
        os_user=row.os_user,
        active=row.active,
        created_at=row.created_at,
        granted=granted(tuple(row.roles), known),
    )
