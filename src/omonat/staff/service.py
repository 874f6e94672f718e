"""Use cases of staff accounts."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from omonat.kernel.errors import Conflict, InvalidInput, NotFound
from omonat.kernel.ids import StaffId, new_id
from omonat.staff import store
from omonat.staff.model import Role, StaffAccount, granted
from omonat.storage.engine import Database


class StaffAccounts:
    """Who may act for the operator."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, *, roles: Sequence[str], os_user: str | None, now: datetime) -> StaffAccount:
        """A new, active account. Raises InvalidInput for a bad name or role, Conflict when name or user is taken."""
        account = StaffAccount(
            staff_id=StaffId(new_id()),
            name=name.strip(),
            roles=tuple(dict.fromkeys(roles)),
            os_user=os_user or None,
            active=True,
            created_at=now,
        )

        def unit(tx: Connection) -> StaffAccount:
            known = store.roles(tx)
            _check(account, known)
            _insert(tx, account)
            return msgspec.structs.replace(account, granted=granted(account.roles, known))

        return self._database.write(unit)

    def roles(self) -> dict[str, Role]:
        """Every role by name: rights and purposes."""
        with self._database.read() as tx:
            return store.roles(tx)

    def get(self, staff_id: StaffId) -> StaffAccount:
        """Raises NotFound."""
        with self._database.read() as tx:
            return _found(store.find_by_id(tx, staff_id))

    def get_by_name(self, name: str) -> StaffAccount:
        """Raises NotFound."""
        with self._database.read() as tx:
            return _found(store.find_by_name(tx, name))

    def get_by_os_user(self, os_user: str) -> StaffAccount:
        """The account that an operating-system user acts as. Raises NotFound."""
        with self._database.read() as tx:
            return _found(store.find_by_os_user(tx, os_user))

    def find_by_os_user(self, os_user: str) -> StaffAccount | None:
        """The account that an operating-system user acts as, or None."""
        with self._database.read() as tx:
            return store.find_by_os_user(tx, os_user)

    def list(self) -> list[StaffAccount]:
        """Every account, by name, inactive ones too."""
        with self._database.read() as tx:
            return store.list_accounts(tx)

    def deactivate(self, name: str) -> StaffAccount:
        """The account keeps its name in the journals and may do nothing more. Raises NotFound."""

        def unit(tx: Connection) -> None:
            store.set_inactive(tx, _found(store.find_by_name(tx, name)).staff_id)

        self._database.write(unit)
        return self.get_by_name(name)


def _check(account: StaffAccount, known: dict[str, Role]) -> None:
    problems = {}
    if not 0 < len(account.name) <= 110:
        problems["name"] = "A name is needed, at most 110 characters."
    if not account.roles or not set(account.roles) <= set(known):
        problems["roles"] = "Use one or more of: " + ", ".join(known) + "."
    if problems:
        raise InvalidInput(problems)


def _insert(tx: Connection, account: StaffAccount) -> None:
    taken = store.find_by_name(tx, account.name)
    if taken or (account.os_user and store.find_by_os_user(tx, account.os_user)):
        raise Conflict()
    store.insert_account(tx, account)


def _found(account: StaffAccount | None) -> StaffAccount:
    if account is None:
        raise NotFound()
    return account
