"""Measures, incidents and the first run over HTTP (6.2)."""

import base64
import re
import time
from collections.abc import Iterator

import pytest

from harness.installation import new_installation
from harness.people import Visitor, invent, random_word
from harness.server import Server
from harness.staff import Member
from omonat.app import Omonat
from omonat.crypto.totp import totp_code


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(new_installation(tmp_path_factory.mktemp("registers")))
    yield server
    server.kill9()


@pytest.fixture(scope="module")
def officer(office: Server) -> Member:
    return Member(office, "privacy_officer", name="Nodira")


@pytest.fixture(scope="module")
def auditor(office: Server) -> Member:
    return Member(office, "auditor")


# --- measures -------------------------------------------------------------------------------------------------------


def test_the_register_of_measures_is_filled_from_the_beginning(officer: Member, auditor: Member) -> None:
    for reader in (officer, auditor):
        shown = reader.get("/console/measures")
        assert "Every value is encrypted under a key of its person" in shown.text
        assert "in place" in shown.text
    planned = auditor.get("/console/measures?status=planned").text
    assert "Backups of data and keys, apart" in planned
    assert "Every value is encrypted" not in planned
    rows = auditor.get("/console/measures?format=csv").text
    assert "omonat doctor" in rows


def test_a_measure_is_entered_changed_and_its_history_kept(officer: Member, auditor: Member) -> None:
    title = random_word()
    wrong = officer.send("/console/measures/new", title="", kind="technical", status="planned")
    assert wrong.status_code == 422
    assert "A title is needed." in wrong.text
    made = officer.send("/console/measures/new", title=title, kind="legal", status="planned", evidence="Order 7")
    path = made.url.path.removeprefix("/en")
    edited = officer.send(f"{path}/edit", status="in_place", kind="legal", note="signed")
    assert "The measure is kept." in edited.text
    seen = auditor.get(path)
    assert "planned → in place" in seen.text
    assert "signed" in seen.text
    assert f"{path}/edit" not in seen.text
    assert auditor.get(f"{path}/edit").status_code == 403
    assert auditor.post(f"{path}/edit", {}).status_code == 403


def test_what_omonat_brings_stays_translated_when_only_its_status_changes(office: Server, officer: Member) -> None:
    listed = officer.get("/console/measures").text
    found = re.search(r'/console/measures/([0-9a-f-]{36})">Connections are encrypted \(TLS\)<', listed)
    assert found
    officer.send(f"/console/measures/{found[1]}/edit", status="in_place", kind="technical")
    russian = Member(office, "auditor", language="ru").get(f"/console/measures/{found[1]}").text
    assert "TLS" in russian
    assert "Connections are encrypted" not in russian


# --- incidents ------------------------------------------------------------------------------------------------------


def test_an_incident_from_detection_to_the_portal(office: Server, officer: Member, auditor: Member) -> None:
    who = invent()
    person = Visitor(office, "en")
    person.send_form("callback", {"name": who.name, "phone": who.phone})
    person.sign_in(who.shown_phone)
    thief = f"staff:{random_word()}"
    omonat = Omonat.open(office.installation.data)
    try:
        ((subject_id, _state),) = omonat.rights.find_person("phone", who.phone)
        omonat.vault.read(subject_id, actor=thief, purpose="support", reason="curious", now=omonat.clock.now())
    finally:
        omonat.close()
    made = officer.send("/console/incidents/new", title="Somebody looked without need", description="In the evening.")
    path = made.url.path.removeprefix("/en")
    assert "Whom to tell by when" in made.text
    assert "default" in made.text.lower()  # the mark of a term that the law does not name
    empty = officer.send(f"{path}/assess", shown_at=path)
    assert empty.status_code == 422
    assert "Choose how grave it is." in empty.text
    assessed = officer.send(
        f"{path}/assess", shown_at=path, severity="medium", kind_access="on", category_phone="on", purpose_support="on"
    )  # fmt: skip
    assert "Medium" in assessed.text or "medium" in assessed.text
    counted = officer.send(f"{path}/people", actor=thief, until="2100-01-01 00:00", keep="count")
    assert "Found: 1 people." in counted.text
    kept = officer.send(f"{path}/people", actor=thief, until="2100-01-01 00:00", keep="keep")
    assert "1 people" in kept.text
    refused = officer.send(f"{path}/letters", told_en="short")
    assert refused.status_code == 422
    told = officer.send(f"{path}/letters", told_en="A member of the staff looked at phone numbers without need.")
    assert "The letters are on their way." in told.text
    seen = wait_for_case(person)
    assert "Incident that concerns your data" in seen
    for whom in ("people", "authority", "infrastructure"):
        officer.send(f"{path}/duty/{whom}", shown_at=path, told="told", **{f"note_{whom}": "by letter"})
    officer.send(f"{path}/contain", shown_at=path, note="The account is blocked.")
    officer.send(f"{path}/tell", shown_at=path)
    closed = officer.send(f"{path}/close", shown_at=path, lesson="Reviews of the journal every week.")
    assert "closed" in closed.text
    read = auditor.get(path)
    assert "Reviews of the journal every week." in read.text
    for value in (who.name, who.phone, who.shown_phone):
        assert value not in read.text + auditor.get(f"{path}/people").text
    assert auditor.get("/console/incidents?format=csv").status_code == 200
    assert auditor.post(f"{path}/remark", {}).status_code == 403


def wait_for_case(person: Visitor) -> str:
    """The page of the person once the background work has told him."""
    end = time.monotonic() + 30
    while "Incident that concerns your data" not in (shown := person.get("/my").text):
        assert time.monotonic() < end, "nobody was told"
        time.sleep(0.1)
    found = re.search(r'href="/en(/my/cases/[0-9a-f-]+)">Incident', shown)
    assert found
    page = person.get(found[1]).text
    assert "A member of the staff looked at phone numbers without need." in page
    return page


def test_a_moment_that_cannot_be_read_is_said(officer: Member) -> None:
    answer = officer.send("/console/incidents/new", title="x", detected_at="yesterday")
    assert answer.status_code == 422
    assert "2026-12-31 14:30" in answer.text


# --- first run ------------------------------------------------------------------------------------------------------


def test_the_guide_ends_with_a_working_installation(office: Server, officer: Member) -> None:
    admin = Member(office, "administrator", name="Rustam")
    shown = admin.get("/console/start").text
    assert "Left to do: 3" in shown
    assert "309519699" in shown
    assert "purpose.support.keep" in shown
    assert admin.post("/console/start/operator", {}).status_code == 403  # whoever publishes the policy confirms it
    wrong = admin.send("/console/start/mail", shown_at="/console/start", email="nonsense")
    assert wrong.status_code == 422
    before = len(office.letters())
    admin.send("/console/start/mail", shown_at="/console/start", email="me@example.uz")
    assert any("A test letter" in line for line in office.letters()[before:])
    admin.send("/console/start/mail/arrived", shown_at="/console/start")
    officer.send("/console/start/operator", shown_at="/console/start")
    omonat = Omonat.open(office.installation.data)
    try:
        account = omonat.staff.get_by_name("Rustam")
        omonat.staff_secrets.begin_totp(account)
        assert [step.word for step in omonat.first_run.unfinished()] == ["second_factor"]
        offer = omonat.staff_secrets.totp_offer(account, "Omonat")
        assert offer is not None
        text, now = offer.text.reveal().replace(" ", ""), omonat.clock.now()
        secret = base64.b32decode(text + "=" * (-len(text) % 8))
        omonat.staff_secrets.confirm_totp(account, totp_code(secret, int(now.timestamp()) // 30), now)
        assert omonat.first_run.unfinished() == []
    finally:
        omonat.close()
    assert "Everything is done" in admin.get("/console/start").text
