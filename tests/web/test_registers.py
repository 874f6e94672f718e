"""The registers of the console over HTTP: what each role reads and does; no page tells a value (3.1 to 9.1)."""

import json
import re
import time
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from harness.installation import new_installation
from harness.people import Invented, forms_of, invent
from harness.programs import Program, installed_key
from harness.registers import archive, fill, order, prove
from harness.server import Server
from harness.staff import Member
from omonat.app import Omonat
from omonat.kernel.ids import new_id
from omonat.receipts import jws, verify_receipt

CSP = "default-src 'none'; style-src 'unsafe-inline'"
AUDITED = (
    "", "/policy", "/policy/compare", "/policy/register", "/disclosures", "/recipients", "/retention",
    "/retention/holds", "/retention/certificates", "/retention/sweeps", "/journal", "/ledger", "/statistics",
)  # fmt: skip
LISTS = tuple(path for path in AUDITED if path not in ("", "/policy/compare"))
CHARTS = ("consents", "due", "disclosures", "entries", "visits")
ENDS_WITHIN = 60


class Place(NamedTuple):
    server: Server
    people: list[Invented]

    def member(self, *roles: str, **named: str) -> Member:
        return Member(self.server, *roles, **named)

    def use(self, act: Any) -> Any:
        omonat = Omonat.open(self.server.installation.data)
        try:
            return act(omonat)
        finally:
            omonat.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    installation = new_installation(tmp_path_factory.mktemp("registers"))
    omonat = Omonat.open(installation.data)
    people = fill(omonat)
    omonat.close()
    server = Server(installation)
    yield Place(server, people)
    server.stop()


def upload(member: Member, path: str, name: str, content: bytes, shown_at: str) -> httpx.Response:
    """Send a file with the form of a page, as a browser does."""
    form = member.form_to(member.get(shown_at), path)
    cookie = "; ".join(f"{key}={value}" for key, value in member.cookies.items())
    headers = {"Origin": member.server.url, "Cookie": cookie}
    with member.server.client(headers=headers, follow_redirects=False) as client:
        answer = client.post(form.action, data=form.fields, files={name: ("file", content)})
    return member.get(answer.headers["location"]) if answer.is_redirect else answer


def ended(member: Member, answer: httpx.Response) -> httpx.Response:
    """The page of a run once it has ended: the dispatcher of the server carries it out."""
    path = answer.url.path
    until = time.monotonic() + ENDS_WITHIN
    while "data-reload" in answer.text:
        assert time.monotonic() < until, answer.text
        time.sleep(0.1)
        answer = member.get(path)
    return answer


# --- the auditor ----------------------------------------------------------------------------------------------------


def test_the_auditor_reads_every_page_and_list_and_no_value_of_anybody(place: Place) -> None:
    auditor = place.member("auditor")
    ids = re.findall(r"certificates/([0-9a-f-]{36})", auditor.get("/console/retention/certificates").text)
    assert ids
    one = f"/retention/certificates/{ids[0]}"
    paths = [*AUDITED, *(f"{path}?format=csv" for path in LISTS), one, f"{one}?format=json"]
    paths += [f"/charts/{name}.svg" for name in CHARTS]
    answers = {path: auditor.get(f"/console{path}") for path in paths}
    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 200} == {}
    values = [value for one in place.people for value in (one.name.split()[0], one.phone, one.shown_phone, one.email)]
    told = [(path, value) for path, answer in answers.items() for value in values if value in answer.text]
    assert told == []


def test_the_auditor_acts_on_nothing(place: Place) -> None:
    auditor = place.member("auditor")
    for path in ("/policy/upload", "/retention/holds/new", "/retention/sweeps/new", "/mailings"):
        assert auditor.get(f"/console{path}").status_code == 403
    shown = "".join(auditor.get(f"/console{path}").text for path in ("/policy", "/retention", "/retention/holds"))
    assert "/policy/upload" not in shown and "/holds/new" not in shown and "/sweeps/new" not in shown


def test_charts_are_images_of_their_own_with_a_policy_of_their_own(place: Place) -> None:
    auditor = place.member("auditor", language="uz-Latn")
    for name in CHARTS:
        answer = auditor.get(f"/console/charts/{name}.svg")
        assert answer.headers["content-type"].startswith("image/svg+xml")
        assert answer.headers["content-security-policy"] == CSP
        assert answer.headers["cache-control"] == "no-store"
        assert "<script" not in answer.text


def test_the_overview_shows_what_the_rights_show(place: Place) -> None:
    officer, seller = place.member("privacy_officer").get("/console").text, place.member("sales").get("/console").text
    assert "Consents over time" in officer and "Retention coming up" in officer
    assert "charts/consents.svg" in officer and "signed entries" in officer
    assert "Disclosures in six months" in seller and "Consents over time" not in seller and "letters" not in seller
    administrator = place.member("administrator").get("/console").text
    assert "letters could not be delivered" in administrator and "Disclosures in six months" not in administrator


# --- mailing lists --------------------------------------------------------------------------------------------------


def test_marketing_counts_draws_and_fetches_a_list_once(place: Place) -> None:
    marketing = place.member("marketing")
    counted = ended(marketing, marketing.send("/console/mailings", what="news:email", reason="New tariffs"))
    assert "may be written to" in counted.text and "is not confirmed" in counted.text
    assert not [one for one in place.people if one.email in counted.text]
    path = counted.url.path.partition("/console")[2]
    drawn = marketing.send(f"/console{path}/draw", shown_at=f"/console{path}")
    if "/mailings/" in drawn.url.path and drawn.url.path.endswith(path.rpartition("/")[2]):
        raise AssertionError("one person needs no approval")
    page = ended(marketing, drawn)
    assert "people are on the list" in page.text
    own = page.url.path.partition("/console")[2]
    stranger = place.member("marketing", name="Another of marketing")
    assert "may fetch it" in stranger.get(f"/console{own}").text
    fetched = marketing.send(f"/console{own}/fetch", shown_at=f"/console{own}")
    assert fetched.headers["content-disposition"].startswith('attachment; filename="mailing-news-email-')
    assert place.people[0].email in fetched.text and place.people[1].email not in fetched.text
    after = marketing.get(f"/console{own}")
    assert "destroyed here" in after.text and not [one for one in forms_of(after.text) if "fetch" in one.action]
    csv = marketing.get("/console/mailings?format=csv").text
    assert "mailing_count" in csv and place.people[0].email not in csv


def test_a_list_of_several_waits_for_a_second_person(place: Place) -> None:
    person = invent()
    place.use(lambda omonat: prove(omonat, order(omonat, person, "sms"), "phone"))
    person = invent()
    place.use(lambda omonat: prove(omonat, order(omonat, person, "sms"), "phone"))
    marketing = place.member("marketing")
    counted = ended(marketing, marketing.send("/console/mailings", what="news:sms", reason="New tariffs"))
    path = counted.url.path.partition("/console")[2]
    drawn = marketing.send(f"/console{path}/draw", shown_at=f"/console{path}")
    assert "A second person has to approve this" in drawn.text


def test_a_list_without_reason_or_people_is_told(place: Place) -> None:
    marketing = place.member("marketing")
    assert marketing.send("/console/mailings", what="news:email", reason=" ").status_code == 422
    counted = ended(marketing, marketing.send("/console/mailings", what="news:telegram", reason="x"))
    assert "There is nobody to write to" in counted.text
    assert place.member("support").get("/console/mailings").status_code == 403


# --- retention ------------------------------------------------------------------------------------------------------


def subject_of(place: Place) -> str:
    return str(place.use(lambda omonat: omonat.rights.find_person("phone", place.people[0].phone)[-1][0]))


def test_a_hold_is_placed_and_released_with_a_reason(place: Place) -> None:
    officer = place.member("privacy_officer")
    fields = {"person": subject_of(place), "law": "accounting", "from": "2026-02-01", "purpose": "contract"}
    refused = officer.send("/console/retention/holds/new", **fields, category="", reason="")
    assert refused.status_code == 422 and 'value="2026-02-01"' in refused.text
    unknown = officer.send("/console/retention/holds/new", **{**fields, "person": "x"}, category="", reason="a")
    assert unknown.status_code == 422 and "no person with that number" in unknown.text
    placed = officer.send("/console/retention/holds/new", **fields, category="", reason="invoice 8")
    assert "The hold is placed" in placed.text
    (newest, *_rest) = re.findall(r"/retention/holds/([0-9a-f-]{36})/release", placed.text)
    page = f"/console/retention/holds/{newest}/release"
    assert officer.send(page, reason="").status_code == 422
    released = officer.send(page, reason="paid")
    assert "The hold is released" in released.text or "second person" in released.text


def test_a_sweep_is_confirmed_and_runs_with_its_counts(place: Place) -> None:
    officer = place.member("privacy_officer")
    page = officer.get("/console/retention/sweeps/new")
    assert "It cannot be undone" in page.text
    done = ended(officer, officer.send("/console/retention/sweeps/new"))
    assert "Values destroyed" in done.text
    assert "Sweeps" in officer.get("/console/retention/sweeps").text


def test_a_certificate_is_a_page_and_two_files(place: Place) -> None:
    auditor = place.member("auditor")
    listed = auditor.get("/console/retention/certificates?kind=demand")
    (number, *_rest) = re.findall(r"certificates/([0-9a-f-]{36})", listed.text)
    path = f"/console/retention/certificates/{number}"
    assert "everything of the person" in auditor.get(path).text
    assert auditor.get(f"{path}?format=pdf").content.startswith(b"%PDF")
    assert json.loads(auditor.get(f"{path}?format=json").content)["number"] == number
    assert auditor.get("/console/retention/certificates/x").status_code == 404
    assert "its certificate here" in auditor.get("/console/retention/certificates?kind=orphan").text


def certified(place: Place) -> str:
    listed = place.member("auditor").get("/console/retention/certificates?kind=demand")
    (number, *_rest) = re.findall(r"certificates/([0-9a-f-]{36})", listed.text)
    return str(number)


@pytest.mark.parametrize("role", ["auditor", "privacy_officer"])
def test_a_certificate_can_be_taken_along_with_its_proof(place: Place, role: str) -> None:
    member, number = place.member(role), certified(place)
    path = f"/console/retention/certificates/{number}"
    assert f"{path}?format=receipt" in (page := member.get(path).text) and f"{path}?format=receipt-pdf" in page
    file, pdf = member.get(f"{path}?format=receipt"), member.get(f"{path}?format=receipt-pdf")
    assert f"receipt-destruction-{number}.json" in file.headers["content-disposition"]
    assert pdf.content.startswith(b"%PDF") and "without-proof" not in pdf.headers["content-disposition"]
    assert said_of(place, file.content) == number


def test_who_reads_no_certificate_gets_no_receipt_of_it(place: Place) -> None:
    path = f"/console/retention/certificates/{certified(place)}?format=receipt"
    assert place.member("sales").get(path).status_code == 403
    with place.server.client(follow_redirects=False) as stranger:
        answer = stranger.get(f"/en{path}")
        assert answer.status_code == 303 and "/console/sign-in" in answer.headers["location"]
    subject = Program(place.server, "nothing")  # a person has no account here and no key
    assert subject.get(f"/certificates/{certified(place)}/receipt").status_code == 401


def said_of(place: Place, content: bytes) -> str:
    """The number in a receipt that holds by the key of the installation, with its proof; it names nobody."""
    outcome = verify_receipt(content, place.use(lambda omonat: omonat.verifier_key()))
    assert outcome.ok and "included" in {one.code for one in outcome.proven}, outcome.findings
    assert not [one for one in place.people if one.email.encode() in content or one.phone.encode() in content]
    payload = json.loads(jws.payload(json.loads(content)["statement"]))
    assert payload["kind"] == "destruction" and payload["subject"] is None
    return str(payload["record"]["record_id"])


def test_a_program_gets_the_receipt_of_a_certificate_by_its_right(place: Place) -> None:
    number = certified(place)
    path = f"/certificates/{number}/receipt"
    program = Program(place.server, installed_key(place.server.installation, "retention.read"))
    file, pdf = program.get(path).json(), program.get(path, params={"format": "pdf"}).json()
    assert file["proven"] and file["media"] == "application/json" and file["name"].endswith(f"{number}.json")
    assert said_of(place, b64decode(file["content"])) == number
    assert b64decode(pdf["content"]).startswith(b"%PDF") and pdf["name"].endswith(f"{number}.pdf")
    assert program.get(path, params={"format": "xml"}).status_code == 422
    other = Program(place.server, installed_key(place.server.installation, "journal.read"))
    assert other.get(path).status_code == 403
    assert program.get(f"/certificates/{new_id()}/receipt").status_code == 404


# --- disclosures ----------------------------------------------------------------------------------------------------


def test_a_disclosure_is_made_or_refused_with_reasons(place: Place) -> None:
    seller, path = place.member("sales"), f"/console/people/{subject_of(place)}/disclose"
    given = seller.send(path, recipient="contractor", purpose="contract", reason="mounting", category_phone="on")
    package = json.loads(given.content)
    assert [one["category"] for one in package["values"]] == ["phone"]
    refused = seller.send(path, recipient="state", purpose="legal", reason="letter 4")
    assert refused.status_code == 403 and "may not be disclosed" in refused.text and "no ground" in refused.text
    assert seller.send(path, recipient="contractor", purpose="contract", reason="").status_code == 422
    assert place.member("support").get(path).status_code == 403


def test_lists_are_narrowed_and_go_on(place: Place) -> None:
    officer = place.member("privacy_officer")
    assert "Nothing was disclosed" in officer.get("/console/disclosures?recipient=state").text
    assert "There is no line" in officer.get("/console/journal?actor=staff:Nobody").text
    assert "There is no line" in officer.get("/console/journal?to=2020-01-01").text
    assert officer.get("/console/journal?after=rubbish&from=x").status_code == 200
    assert "mailing" in officer.get("/console/ledger?kind=mailing").text


# --- policy ---------------------------------------------------------------------------------------------------------


def test_the_officer_uploads_plans_and_publishes(place: Place) -> None:
    officer = place.member("privacy_officer", name="Sees it through")
    less = ('purposes = ["services", "support", "news"]', 'purposes = ["services", "support"]')
    soon = archive("3.9", ('keep = "1 year after collection"', 'keep = "soon"'))
    wrong = upload(officer, "/console/policy/upload", "folder", soon, "/console/policy/upload")
    assert wrong.status_code == 422 and re.search(r"policy\.toml:\d+", wrong.text)
    none = upload(officer, "/console/policy/upload", "folder", b"nothing", "/console/policy/upload")
    assert none.status_code == 422 and "not a zip archive" in none.text
    plan = upload(officer, "/console/policy/upload", "folder", archive("3.9", less), "/console/policy/upload")
    assert "Plan: from version" in plan.text and "the operator that delivers SMS messages" in plan.text
    path = plan.url.path.partition("/en")[2]
    assert officer.send(f"{path}/publish", shown_at=path, reason=" ").status_code == 422
    done = officer.send(f"{path}/publish", shown_at=path, reason="SMS only for services")
    published = "The new version is in force" in done.text
    assert published or "A second person has to approve this" in done.text


def test_what_the_policy_declares_is_read_by_everybody_who_is_signed_in(place: Place) -> None:
    text = place.member("support", language="ru").get("/console/policy/register").text
    assert "news" in text and "Цели" in text
    assert place.member("support").get("/console/policy/compare?from=0.1").status_code == 404


# --- the ledger -----------------------------------------------------------------------------------------------------


def test_the_auditor_verifies_the_ledger_against_an_older_checkpoint(place: Place) -> None:
    auditor = place.member("auditor")
    with place.server.client() as client:
        older = client.get("/ledger/checkpoint").content
    report = ended(auditor, upload(auditor, "/console/ledger/verify", "checkpoint", older, "/console/ledger"))
    assert "Nothing was changed" in report.text and "They begin with the checkpoint" in report.text
    assert "all fit together" in report.text
    plain = ended(auditor, upload(auditor, "/console/ledger/verify", "checkpoint", b"", "/console/ledger"))
    assert "Nothing was changed" in plain.text and "They begin" not in plain.text
    rubbish = ended(auditor, upload(auditor, "/console/ledger/verify", "checkpoint", b"rubbish", "/console/ledger"))
    assert "Something is not as it was signed" in rubbish.text or "What this could not know" in rubbish.text


def test_an_upload_without_the_token_of_its_page_is_refused(place: Place) -> None:
    officer = place.member("privacy_officer")
    cookie = "; ".join(f"{key}={value}" for key, value in officer.cookies.items())
    with place.server.client(headers={"Origin": place.server.url, "Cookie": cookie}) as client:
        for path in ("policy/upload", "ledger/verify"):
            assert client.post(f"/en/console/{path}", files={"folder": ("f", archive("3.9"))}).status_code == 403
            assert client.post(f"/en/console/{path}", data={"a": "b"}).status_code == 400
        huge = client.post("/en/console/policy/upload", files={"folder": ("f", b"0" * 2_000_000)})
        assert huge.status_code == 413
