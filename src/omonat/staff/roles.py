"""Roles as data: what each may do, and for which purposes it may open values (clause 6.2).

Invariant: an account that can administer the staff stays, whatever is changed.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from omonat.kernel.errors import InvalidInput, NotFound, OmonatError
from omonat.ledger import Ledger
from omonat.staff import roles_store, store
from omonat.staff.model import RIGHTS, ROLES, Actor, Role, StaffAccount, granted, require
from omonat.storage import Database

ADMINISTER = "staff.administer"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


class LastAdministrator(OmonatError):
    """Nobody could administer the staff any more."""

    code = "last_administrator"
    message = "After this nobody could administer the staff any more."
    what_to_do = "Give another active account the role of an administrator first."


class RoleInUse(OmonatError):
    """A role that members still have is not deleted under them."""

    code = "role_in_use"
    message = "Members of the staff still have the role “{role}”."
    what_to_do = "Give them another role first; then this one can be deleted."


class RoleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One role. `built_in`: Omonat brings it; `changed_by`: who changed or made it, empty when nobody did."""

    name: str
    role: Role
    built_in: bool
    changed_by: str = ""
    changed_at: datetime | None = None
    members: int = 0

    @property
    def overridden(self) -> bool:
        """Whether a built-in role says something else here than what Omonat brings."""
        return self.built_in and self.changed_at is not None


class Roles:
    """Lists and changes roles. `purposes` gives those that the policy in force declares."""

    def __init__(self, database: Database, ledger: Ledger, purposes: Callable[[], Collection[str]]) -> None:
        self._database = database
        self._ledger = ledger
        self._purposes = purposes

    def list(self) -> list[RoleRow]:
        """Every role, the built-in ones first."""
        with self._database.read() as tx:
            changed = roles_store.rows(tx)
            members = [one for one in store.list_accounts(tx) if one.active]
        names = [*ROLES, *sorted(set(changed) - set(ROLES))]
        return [_row(name, changed.get(name), members) for name in names]

    def get(self, name: str) -> RoleRow:
        """Raises NotFound."""
        found = next((row for row in self.list() if row.name == name), None)
        if found is None:
            raise NotFound
        return found

    def check(self, name: str, rights: Collection[str], purposes: Collection[str]) -> Role:
        """The role as it would be. Raises InvalidInput for a name, right or purpose that there is not."""
        problems = {}
        if not _NAME.fullmatch(name):
            problems["name"] = "A role is named with small Latin letters, digits and _, beginning with a letter."
        if not rights or not set(rights) <= set(RIGHTS):
            problems["rights"] = "Choose one or more of the rights."
        if not set(purposes) <= set(self._purposes()):
            problems["purposes"] = "The policy in force does not declare this purpose."
        if problems:
            raise InvalidInput(problems)
        return Role(frozenset(rights), frozenset(purposes))

    def put(
        self, actor: Actor, name: str, rights: Collection[str], purposes: Collection[str], now: datetime
    ) -> None:  # fmt: skip
        """Make a role, or say what one may do from now on. Raises NotAllowed, InvalidInput, LastAdministrator.

        A built-in role keeps the purposes that it has although the policy dropped them: they open nothing.
        """
        require(actor, ADMINISTER)
        role = self.check(name, rights, purposes)

        def unit(tx: Connection) -> None:
            before = store.roles(tx).get(name)
            roles_store.put(tx, name, role, actor.actor, now)
            require_administrator(tx)
            self._append(tx, actor, name, before, role, now=now)

        self._database.write(unit)

    def reset(self, actor: Actor, name: str, now: datetime) -> None:
        """Back to what Omonat brings; a role of one's own is deleted. Raises NotFound, RoleInUse, LastAdministrator."""
        require(actor, ADMINISTER)

        def unit(tx: Connection) -> None:
            before = _resettable(tx, name)
            roles_store.delete_role(tx, name)
            require_administrator(tx)
            self._append(tx, actor, name, before.role, ROLES.get(name), now=now)

        self._database.write(unit)

    def check_reset(self, name: str) -> None:
        """Whether `reset` could be done now. Raises NotFound, RoleInUse."""
        with self._database.read() as tx:
            _resettable(tx, name)

    def _append(
        self, tx: Connection, actor: Actor, name: str, before: Role | None, after: Role | None, *, now: datetime
    ) -> None:
        facts: dict[str, object] = {
            "role": name,
            "actor": actor.actor,
            "before": _facts(before),
            "after": _facts(after),
        }
        self._ledger.append(tx, kind="role_changed", at=now, facts=facts)


def _resettable(tx: Connection, name: str) -> "roles_store.Changed":
    before = roles_store.rows(tx).get(name)
    if before is None:
        raise NotFound
    if name not in ROLES and any(name in one.roles for one in store.list_accounts(tx)):
        raise RoleInUse(role=name)
    return before


def require_administrator(tx: Connection) -> None:
    """After a change, inside its unit. Raises LastAdministrator."""
    if not any(ADMINISTER in one.rights for one in store.list_accounts(tx)):
        raise LastAdministrator


def union(roles: Collection[str], known: Mapping[str, Role]) -> Role:
    """What several roles give together."""
    return granted(tuple(roles), dict(known))


def _facts(role: Role | None) -> dict[str, object] | None:
    return None if role is None else {"rights": sorted(role.rights), "purposes": sorted(role.purposes)}


def _row(name: str, changed: "roles_store.Changed | None", members: list[StaffAccount]) -> RoleRow:
    row = RoleRow(
        name=name, role=changed.role if changed else ROLES[name], built_in=name in ROLES,
        members=sum(name in one.roles for one in members),
    )  # fmt: skip
    if changed is None:
        return row
    return msgspec.structs.replace(row, changed_by=changed.by, changed_at=changed.at)
