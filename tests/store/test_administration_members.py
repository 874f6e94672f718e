"""Members come and leave, roles change, undertakings are accepted: on both engines (6.2)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.whole import whole_omonat
from omonat.app import Omonat
from omonat.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from omonat.kernel.ids import StaffId
from omonat.kernel.secret import Sealed
from omonat.staff import RIGHTS, ROLES, Invited, LastAdministrator, LinkSpent, RoleInUse, StaffAccount, Undertakings
from omonat.staff import undertakings as undertaking
from omonat.storage import Database

PASSWORD = Sealed("correct horse battery staple")


@pytest.fixture
def omonat(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Omonat]:
    made = whole_omonat(database, key_database, tmp_path)
    yield made
    made.close()


@pytest.fixture
def admin(omonat: Omonat) -> StaffAccount:
    return omonat.staff.add("Admin", roles=["administrator"], os_user="root-user", now=omonat.clock.now())


def accept(omonat: Omonat, invited: Invited) -> StaffAccount:
    """What the page of the invitation does."""
    kept = omonat.staff_secrets.checked_password(invited.account.name, PASSWORD)
    now = omonat.clock.now()
    return omonat.members.spend(
        invited.token, now, lambda tx, who: omonat.staff_secrets.keep_password(tx, who.staff_id, kept, now)
    )


def test_an_invited_member_may_do_nothing_until_the_link_is_spent_once(omonat: Omonat, admin: StaffAccount) -> None:
    now = omonat.clock.now()
    invited = omonat.members.invite(admin, "Dilnoza", ["support"], now=now)
    assert not omonat.staff.get_by_name("Dilnoza").rights
    found, account = omonat.members.find(invited.token, now)
    assert (found.kind, account.name) == ("join", "Dilnoza")
    joined = accept(omonat, invited)
    assert joined.active
    assert omonat.staff.get_by_name("Dilnoza").rights == ROLES["support"].rights
    with pytest.raises(LinkSpent):
        accept(omonat, invited)
    with pytest.raises(LinkSpent):
        omonat.members.find(invited.token, now)


def test_a_link_ends_after_72_hours_and_with_a_newer_one(omonat: Omonat, admin: StaffAccount) -> None:
    now = omonat.clock.now()
    first = omonat.members.invite(admin, "A", ["support"], now=now)
    with pytest.raises(LinkSpent):
        omonat.members.find(first.token, now + timedelta(hours=72))
    second = omonat.members.new_link(admin, first.account.staff_id, now=now)
    with pytest.raises(LinkSpent):
        omonat.members.find(first.token, now)
    omonat.members.revoke(admin, first.account.staff_id, now)
    with pytest.raises(LinkSpent):
        omonat.members.find(second.token, now)
    with pytest.raises(LinkSpent):
        omonat.members.find(Sealed("made up"), now)


def test_who_may_not_administer_may_not_invite_or_block(omonat: Omonat, admin: StaffAccount) -> None:
    now = omonat.clock.now()
    officer = omonat.staff.get_by_name("Officer")
    with pytest.raises(NotAllowed):
        omonat.members.invite(officer, "A", ["support"], now=now)
    for act in (omonat.members.block, omonat.members.new_link, omonat.members.revoke):
        with pytest.raises(NotAllowed):
            act(officer, admin.staff_id, now=now)
    with pytest.raises(NotAllowed):
        omonat.members.set_roles(officer, officer.staff_id, ["administrator"], now)


def test_names_and_roles_are_checked(omonat: Omonat, admin: StaffAccount) -> None:
    now = omonat.clock.now()
    for name, roles, email in (("", ["support"], ""), ("A", [], ""), ("A", ["king"], ""), ("A", ["support"], "no")):
        with pytest.raises(InvalidInput):
            omonat.members.invite(admin, name, roles, email=email, now=now)
    with pytest.raises(Conflict):
        omonat.members.invite(admin, "Officer", ["support"], now=now)
    with pytest.raises(NotFound):
        omonat.members.block(admin, StaffId(admin.staff_id.__class__(int=1)), now)


def test_the_letter_of_an_invitation_lies_sealed_until_it_went_out(
    omonat: Omonat, admin: StaffAccount, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    from sqlalchemy import select

    from omonat.storage.schema import staff_invitation

    now = omonat.clock.now()
    invited = omonat.members.invite(admin, "A", ["support"], email="work@example.uz", now=now)
    with database.read() as tx:
        (held,) = tx.execute(select(staff_invitation)).mappings()
    assert b"work@example.uz" not in held["sealed_letter"]
    assert invited.token.reveal() not in str(dict(held))
    letter = omonat.members.letter(invited.invitation.invitation_id, now)
    assert letter is not None
    assert (letter[1].reveal(), letter[2]) == ("work@example.uz", invited.token)
    omonat.members.mark_mailed(invited.invitation.invitation_id, now)
    assert omonat.members.letter(invited.invitation.invitation_id, now) is None
    again = omonat.members.new_link(admin, invited.account.staff_id, email="work@example.uz", now=now)
    assert omonat.members.forget_letters(now + timedelta(hours=72)) == 1
    assert omonat.members.letter(again.invitation.invitation_id, now) is None


def test_who_is_blocked_is_out_everywhere_at_once(omonat: Omonat, admin: StaffAccount) -> None:
    now = omonat.clock.now()
    account = accept(omonat, omonat.members.invite(admin, "Gone", ["support"], now=now))
    token = omonat.staff_sessions.open(account, how="totp", device="tests", now=now)
    assert omonat.staff_sessions.find(token, now) is not None
    link = omonat.members.new_link(admin, account.staff_id, now=now)
    left = omonat.members.block(admin, account.staff_id, now)
    assert (left.active, left.os_user, left.rights) == (False, None, frozenset())
    assert omonat.staff_sessions.find(token, now) is None
    assert omonat.staff_sessions.of(left) == []
    with pytest.raises(LinkSpent):
        omonat.members.find(link.token, now)
    assert omonat.staff_secrets.factors(left).password_at is None
    assert omonat.members.block(admin, account.staff_id, now) == left  # harmless
    back = accept(omonat, omonat.members.new_link(admin, account.staff_id, now=now))
    assert back.active
    assert omonat.members.last_links()[account.staff_id].kind == "renew"


def test_somebody_can_always_administer(omonat: Omonat, admin: StaffAccount) -> None:
    now = omonat.clock.now()
    for act in (
        lambda: omonat.members.block(admin, admin.staff_id, now),
        lambda: omonat.members.set_roles(admin, admin.staff_id, ["support"], now),
        lambda: omonat.roles.put(admin, "administrator", ["staff.read"], [], now),
    ):
        with pytest.raises(LastAdministrator):
            act()
    assert omonat.staff.get_by_name("Admin").active
    assert "staff.administer" in omonat.staff.get_by_name("Admin").rights
    other = accept(omonat, omonat.members.invite(admin, "Other", ["administrator"], now=now))
    omonat.members.block(other, admin.staff_id, now)
    with pytest.raises(LastAdministrator):
        omonat.members.block(other, other.staff_id, now)


def test_an_invited_administrator_does_not_count_yet(omonat: Omonat, admin: StaffAccount) -> None:
    now = omonat.clock.now()
    omonat.members.invite(admin, "Other", ["administrator"], now=now)
    with pytest.raises(LastAdministrator):
        omonat.members.block(admin, admin.staff_id, now)


def test_roles_are_made_changed_and_put_back(omonat: Omonat, admin: StaffAccount) -> None:
    now = omonat.clock.now()
    omonat.roles.put(admin, "archive", ["retention.read", "journal.read"], ["legal"], now)
    member = omonat.staff.add("Archivist", roles=["archive"], os_user=None, now=now)
    assert member.rights == {"retention.read", "journal.read"}
    assert member.purposes == {"legal"}
    with pytest.raises(RoleInUse):
        omonat.roles.reset(admin, "archive", now)
    omonat.members.set_roles(admin, member.staff_id, ["auditor"], now)
    omonat.roles.reset(admin, "archive", now)
    with pytest.raises(NotFound):
        omonat.roles.get("archive")
    omonat.roles.put(admin, "auditor", ["ledger.verify"], [], now)
    assert omonat.roles.get("auditor").overridden
    assert omonat.staff.get_by_name("Archivist").rights == {"ledger.verify"}
    omonat.roles.reset(admin, "auditor", now)
    assert omonat.staff.get_by_name("Archivist").rights == ROLES["auditor"].rights
    with pytest.raises(NotFound):
        omonat.roles.reset(admin, "auditor", now)


def test_a_role_holds_only_what_there_is(omonat: Omonat, admin: StaffAccount) -> None:
    now = omonat.clock.now()
    for name, rights, purposes in (
        ("Bad name", ["case.read"], []), ("fine", [], []), ("fine", ["fly"], []), ("fine", ["case.read"], ["spying"]),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            omonat.roles.put(admin, name, rights, purposes, now)


@given(st.lists(st.tuples(st.sampled_from(["block", "roles", "role"]), st.integers(0, 2), st.booleans()), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
def test_whatever_is_tried_somebody_can_administer(omonat: Omonat, acts: list[tuple[str, int, bool]]) -> None:
    now = omonat.clock.now()
    names = [f"m{number}" for number in range(3)]
    known = {one.name for one in omonat.staff.list()}
    for name in names:
        if name not in known:
            omonat.staff.add(name, roles=["administrator"], os_user=None, now=now)
    for act, number, gives in acts:
        actor = next(one for one in omonat.staff.list() if "staff.administer" in one.rights)
        target = omonat.staff.get_by_name(names[number])
        try:
            if act == "block":
                omonat.members.block(actor, target.staff_id, now)
            elif act == "roles":
                omonat.members.set_roles(actor, target.staff_id, ["administrator" if gives else "support"], now)
            else:
                rights = ["staff.administer", "staff.read"] if gives else ["staff.read"]
                omonat.roles.put(actor, "administrator", rights, [], now)
        except LastAdministrator:
            pass
        assert any("staff.administer" in one.rights for one in omonat.staff.list())


def test_every_right_of_a_role_can_be_given(omonat: Omonat, admin: StaffAccount) -> None:
    omonat.roles.put(admin, "all", list(RIGHTS), ["support"], omonat.clock.now())
    assert omonat.roles.get("all").role.rights == set(RIGHTS)


def test_an_undertaking_is_accepted_once_per_text(
    omonat: Omonat, admin: StaffAccount, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = omonat.clock.now()
    assert not omonat.undertakings.has_accepted(admin.staff_id)
    omonat.undertakings.accept(admin, "ru", now)
    omonat.undertakings.accept(admin, "en", now + timedelta(days=1))
    (accepted,) = omonat.undertakings.of(admin.staff_id)
    assert (accepted.language, accepted.accepted_at, accepted.in_force) == ("ru", now, True)
    assert omonat.undertakings.shown(accepted.text_hash) == undertaking.text("ru")
    assert Undertakings(database, omonat.ledger).has_accepted(admin.staff_id)
    monkeypatch.setattr(undertaking, "version", lambda: "f" * 64)  # the text was changed, the program started anew
    changed = Undertakings(database, omonat.ledger)
    assert not changed.has_accepted(admin.staff_id)
    assert [one.in_force for one in changed.of(admin.staff_id)] == [False]
    changed.accept(admin, "en", now + timedelta(days=2))
    assert changed.has_accepted(admin.staff_id)
    assert len(changed.of(admin.staff_id)) == 2


def test_a_role_is_changed_by_two_people(omonat: Omonat, admin: StaffAccount) -> None:
    from omonat.staff import Waiting
    from omonat.staff.role_changes import KIND, own_roles, put_role, reset_role

    now = omonat.clock.now()
    other = accept(omonat, omonat.members.invite(admin, "Other", ["administrator"], now=now))
    for payload in (
        put_role("archive", ["case.read"], ["support"]), reset_role("archive"), own_roles(admin.staff_id, ["auditor"]),
    ):  # fmt: skip
        waiting = omonat.approvals.act(admin, KIND, payload, "asked for by the director", now)
        assert isinstance(waiting, Waiting)
        assert omonat.approvals.decide(other, waiting.approval_id, yes=True, reason="", now=now).state == "done"
    assert omonat.staff.get_by_name("Admin").roles == ("auditor",)
