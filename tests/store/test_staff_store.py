"""Staff accounts on both engines: roles give rights, and an account that left may do nothing (6.2)."""

from datetime import UTC, datetime

import pytest

from omonat.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from omonat.staff import RIGHTS, ROLES, StaffAccounts, require
from omonat.storage import Database

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


@pytest.fixture
def staff(database: Database) -> StaffAccounts:
    return StaffAccounts(database)


def test_an_account_is_found_by_name_and_by_user(staff: StaffAccounts) -> None:
    added = staff.add("Dilnoza", roles=["support", "sales"], os_user="dilnoza", now=NOW)
    assert staff.get_by_name("Dilnoza") == staff.get_by_os_user("dilnoza") == added
    assert added.actor == "staff:Dilnoza"
    assert added.created_at == NOW
    assert staff.find_by_os_user("nobody") is None
    with pytest.raises(NotFound):
        staff.get_by_os_user("nobody")
    with pytest.raises(NotFound):
        staff.get_by_name("nobody")


def test_names_and_users_are_taken_once(staff: StaffAccounts) -> None:
    staff.add("one", roles=["support"], os_user="u", now=NOW)
    with pytest.raises(Conflict):
        staff.add("one", roles=["support"], os_user=None, now=NOW)
    with pytest.raises(Conflict):
        staff.add("two", roles=["support"], os_user="u", now=NOW)
    assert [account.name for account in staff.list()] == ["one"]


def test_names_and_roles_are_checked(staff: StaffAccounts) -> None:
    for name, roles in (("", ["support"]), ("x" * 111, ["support"]), ("x", []), ("x", ["king"])):
        with pytest.raises(InvalidInput):
            staff.add(name, roles=roles, os_user=None, now=NOW)


def test_who_left_may_do_nothing(staff: StaffAccounts) -> None:
    account = staff.add("gone", roles=["privacy_officer"], os_user="gone", now=NOW)
    require(account, "policy.publish")
    left = staff.deactivate("gone")
    assert (left.active, left.os_user, left.rights) == (False, None, frozenset())
    with pytest.raises(NotAllowed):
        require(left, "policy.publish")
    assert staff.find_by_os_user("gone") is None


def test_roles_hold_only_known_rights_and_no_role_holds_all() -> None:
    held = {name: role.rights for name, role in ROLES.items()}
    assert frozenset().union(*held.values()) == set(RIGHTS)
    assert all(rights < set(RIGHTS) for rights in held.values())
    assert "person.read" not in held["administrator"] | held["marketing"] | held["auditor"]
