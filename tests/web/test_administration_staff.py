"""Administration over HTTP: invite, come in, change, block, four eyes, the undertaking (6.2)."""

import re
from collections.abc import Iterator

import pytest

from harness.installation import new_installation
from harness.people import Visitor, random_word
from harness.server import Server
from harness.staff import Member
from omonat.app import Omonat
from omonat.web import cookies

PASSWORD = "three quiet camels walk"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(new_installation(tmp_path_factory.mktemp("administration")))
    yield server
    server.kill9()


@pytest.fixture(scope="module")
def admin(office: Server) -> Member:
    return Member(office, "administrator", name="Aziza")


@pytest.fixture(scope="module")
def second(office: Server) -> Member:
    return Member(office, "administrator", name="Bobur")


def invited(admin: Member, name: str, *roles: str, email: str = "") -> str:
    """The path of the link, without its language."""
    answer = admin.send("/console/staff/invite", name=name, email=email, **{f"role_{role}": "on" for role in roles})
    found = re.search(r"<code>http://[^/]+/[\w-]+(/console/invitation/[\w-]+)</code>", answer.text)
    assert found, answer.text
    return found[1]


def staff_id(admin: Member, name: str) -> str:
    found = re.search(rf'/console/staff/([0-9a-f-]{{36}})">{name}<', admin.get("/console/staff").text)
    assert found
    return found[1]


def come_in(office: Server, link: str, password: str = PASSWORD) -> Visitor:
    """Spend the link by a browser without anything; half signed in afterwards."""
    newcomer = Visitor(office, "en")
    answer = newcomer.send(link, new_password=password)
    assert answer.url.path == "/en/console/account", answer.text
    return newcomer


def with_factor(office: Server, name: str) -> Member:
    """The same member after the second factor (the sign-in has tests of its own)."""
    return Member(office, "support", name=name)


def test_invite_come_in_accept_work_block(office: Server, admin: Member) -> None:
    name = random_word()
    link = invited(admin, name, "support")
    assert "invited" in admin.get("/console/staff").text
    newcomer = come_in(office, link)
    half = newcomer.get("/console/cases")
    assert half.url.path == "/en/console/account"  # a password alone opens nothing
    member = with_factor(office, name)
    assert member.get("/console").status_code == 200
    blocked = admin.send(f"/console/staff/{staff_id(admin, name)}/block")
    assert "blocked" in blocked.text
    for browser in (member, newcomer):
        assert browser.get("/console").url.path == "/en/console/sign-in"
    assert "blocked" in admin.get(f"/console/staff/{staff_id(admin, name)}").text


def test_a_link_is_spent_by_sending_and_not_by_looking(office: Server, admin: Member) -> None:
    link = invited(admin, random_word(), "support")
    stranger = Visitor(office, "en")
    for _ in range(2):
        seen = stranger.get(link)
        assert seen.status_code == 200
        assert seen.headers["referrer-policy"] == "no-referrer"
        assert seen.headers["cache-control"] == "no-store"
    assert stranger.send(link, new_password="short").status_code == 422
    come_in(office, link)
    for answer in (stranger.get(link), stranger.post(link, {"new_password": PASSWORD})):
        assert answer.status_code == 410
        assert "72 hours" in answer.text
    assert stranger.get("/console/invitation/" + "x" * 43).status_code == 410


def test_the_token_of_a_link_is_in_no_log(office: Server, admin: Member) -> None:
    link = invited(admin, random_word(), "support", email="work@example.uz")
    Visitor(office, "en").get(link)
    token = link.rpartition("/")[2]
    assert token not in office.stderr_path.read_text("utf-8")
    data = office.installation.data
    held = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert token.encode() not in held
    assert b"work@example.uz" not in held


def test_a_fresh_link_and_a_revoked_one(office: Server, admin: Member) -> None:
    name = random_word()
    first = invited(admin, name, "support")
    whose = staff_id(admin, name)
    again = admin.send(f"/console/staff/{whose}/link", shown_at=f"/console/staff/{whose}")
    second = re.search(r"(/console/invitation/[\w-]+)</code>", again.text)
    assert second
    stranger = Visitor(office, "en")
    assert stranger.get(first).status_code == 410
    assert stranger.get(second[1]).status_code == 200
    admin.send(f"/console/staff/{whose}/revoke", shown_at=f"/console/staff/{whose}")
    assert stranger.get(second[1]).status_code == 410


def test_what_is_wrong_with_an_invitation_is_said(admin: Member) -> None:
    answer = admin.send("/console/staff/invite", name="", email="nonsense")
    assert answer.status_code == 422
    assert "This is not an e-mail address." in answer.text
    assert "Choose one or more of the roles." in answer.text
    taken = admin.send("/console/staff/invite", name="Aziza", role_support="on")
    assert taken.status_code == 422
    assert "This name is taken." in taken.text


def test_who_may_not_administer_sees_the_register_and_changes_nothing(office: Server, admin: Member) -> None:
    auditor = Member(office, "auditor")
    assert auditor.get("/console/staff").status_code == 200
    assert auditor.get("/console/staff?format=csv").headers["content-type"].startswith("text/csv")
    whose = staff_id(admin, "Aziza")
    shown = auditor.get(f"/console/staff/{whose}")
    assert shown.status_code == 200
    assert "/block" not in shown.text
    for path in ("/console/staff/invite", f"/console/staff/{whose}/block", "/console/roles/new"):
        assert auditor.get(path).status_code == 403
    for path in (f"/console/staff/{whose}/block", f"/console/staff/{whose}/roles", f"/console/staff/{whose}/link"):
        assert auditor.post(path, {}).status_code == 403
    assert Member(office, "marketing").get("/console/staff").status_code == 403


def test_another_members_roles_change_at_once(office: Server, admin: Member) -> None:
    name = random_word()
    Member(office, "support", name=name)
    whose = staff_id(admin, name)
    form = admin.form_to(admin.get(f"/console/staff/{whose}"), f"/console/staff/{whose}/roles")
    fields = {key: value for key, value in form.fields.items() if not key.startswith("role_")}
    done = admin.post(f"/console/staff/{whose}/roles", {**fields, "role_auditor": "on"})
    assert "The roles are changed." in done.text
    assert Member(office, "support", name=name).get("/console/measures").status_code in (200, 404)
    assert Member(office, "support", name=name).get("/console/staff").status_code == 200


def test_ones_own_roles_and_a_role_need_a_second_person(office: Server, admin: Member, second: Member) -> None:
    whose = staff_id(admin, "Aziza")
    asked = admin.send(
        f"/console/staff/{whose}/roles", shown_at=f"/console/staff/{whose}", role_sales="on", reason="holiday"
    )  # fmt: skip
    assert "A second person is asked" in asked.text
    assert "somebody else with the same right decides" in asked.text
    path = asked.url.path.removeprefix("/en")
    assert path in second.get("/console/approvals").text
    own = admin.post(
        f"{path}/approve",
        {"csrf_token": admin.form_to(admin.get("/console/staff"), "/console/sign-out").fields["csrf_token"]},
    )
    assert own.status_code == 403
    done = second.send(f"{path}/approve", shown_at=path)
    assert "Approved and carried out." in done.text
    assert "Sales" in admin.get(f"/console/staff/{whose}").text


def test_a_role_of_ones_own(office: Server, admin: Member, second: Member) -> None:
    fields = {"name": "archive", "reason": "the archive", "right_retention.read": "on", "purpose_legal": "on"}
    asked = admin.send("/console/roles/new", **fields)
    path = asked.url.path.removeprefix("/en")
    assert path.startswith("/console/approvals/"), asked.text
    refused = second.post(
        f"{path}/refuse", {**second.form_to(second.get(path), f"{path}/approve").fields, "reason": ""}
    )
    assert refused.status_code == 422
    second.send(f"{path}/approve", shown_at=path)
    assert "archive" in admin.get("/console/roles").text
    archivist = Member(office, "archive", name="Archivist")
    assert archivist.get("/console").status_code == 200
    wrong = admin.send("/console/roles/new", name="Bad Name", reason="x")
    assert wrong.status_code == 422
    assert "Choose one or more of the rights." in wrong.text


def test_nothing_opens_before_the_undertaking_is_accepted(office: Server) -> None:
    omonat = Omonat.open(office.installation.data)
    try:
        now = omonat.clock.now()
        account = omonat.staff.add(random_word(), roles=["auditor"], os_user=None, now=now)
        token = omonat.staff_sessions.open(account, how="totp", device="tests", now=now)
    finally:
        omonat.close()
    member = Visitor(office, "en")
    member.cookies[cookies.STAFF] = token.reveal()
    asked = member.get("/console/staff")
    assert asked.url.path == "/en/console/undertaking"
    assert "Confidentiality undertaking" in asked.text
    accepted = member.send("/console/undertaking", shown_at="/console/staff")
    assert accepted.url.path == "/en/console/staff"
    shown = member.get(f"/console/staff/{account.staff_id}/undertaking")
    assert "in force" in shown.text
    assert "I know that every reading and use is journalled" in shown.text
