"""The example sites, run for real: a form of Omonat on FastAPI, Django and Flask, from the browser to the record."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from harness.browser import OpenPage, axe
from harness.installation import new_installation
from harness.people import Visitor, forms_of, invent
from harness.policy_folder import real_policy
from harness.programs import installed_key
from harness.server import Server
from harness.sites import EXAMPLES, Site
from omonat.client import Omonat
from omonat.client.sites.choice import COOKIE, ELSEWHERE
from omonat.consent import bases

NAMES = ("fastapi_site", "django_site", "flask_site")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(new_installation(tmp_path_factory.mktemp("sites") / "installation", adopt=False))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def omonat(server: Server) -> Iterator[Omonat]:
    with Omonat(server.url, installed_key(server.installation)) as made:
        yield made


@pytest.fixture(scope="module", params=NAMES)
def site(request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    key = installed_key(server.installation, "collect")
    made = Site(request.param, server.url, key, tmp_path_factory.mktemp("site"))
    yield made
    made.close()


def sent_case(location: str) -> str:
    found = re.search(r"sent=([0-9a-f-]{36})", location)
    assert found, location
    return found[1]


def test_a_form_is_shown_with_the_exact_notice_and_becomes_a_record(site: Site, omonat: Omonat) -> None:
    page = site.client.get("/callback", headers={"Accept-Language": "ru"})
    declared = omonat.get_form("callback", language="ru")
    assert page.status_code == 200 and 'lang="ru"' in page.text and page.headers["cache-control"] == "no-store"
    assert declared.notice.text in page.text and declared.label in page.text
    (form,) = forms_of(page.text)
    person = invent()
    answer = site.send("/callback", {**form.fields, "name": person.name, "phone": person.shown_phone},
                       User_Agent="Mozilla/5.0 sites")  # fmt: skip
    assert answer.status_code == 303
    case_id = sent_case(answer.headers["location"])
    thanks = site.follow(answer)
    assert thanks.status_code == 200 and case_id in thanks.text and person.name not in thanks.text
    case = omonat.get_case(case_id)
    values = {
        value.field: value.value for value in omonat.read_person(case.subject_id, purpose="support", reason="t").items
    }
    assert values["name"] == person.name and values["phone"] == person.phone
    assert values["ip_address"] == "127.0.0.1" and values["browser"] == "Mozilla/5.0 sites"
    (consent,) = [one for one in omonat.list_consents(case.subject_id).items if one.purpose == "support"]
    assert consent.text_hash == declared.notice.hash and consent.language == "ru" and consent.action == "granted"


@pytest.mark.parametrize("kept_as", [COOKIE, ELSEWHERE])
def test_what_the_visitor_chose_about_cookies_comes_along_with_the_form_and_only_then(
    site: Site, server: Server, omonat: Omonat, kept_as: str
) -> None:
    """By the cookie of Omonat's own host, and by that which the banner keeps on the site (8.2)."""
    visitor, person = Visitor(server), invent()
    visitor.send("/cookies", choice="refuse")
    form = site.form("/callback")
    fields = {**form.fields, "name": person.name, "phone": person.phone}
    answers = [
        site.send("/callback", fields | site_once(site, "/callback"), **headers)
        for headers in ({"Cookie": f"{kept_as}={visitor.cookies[COOKIE]}"}, {"Cookie": f"{kept_as}=forged.value"}, {})
    ]
    told = []
    for answer in answers:
        case = omonat.get_case(sent_case(answer.headers["location"]))
        told.append([(one.purpose, one.action, one.via) for one in omonat.list_consents(case.subject_id).items
                     if one.channel == "web"])  # fmt: skip
    assert told == [[("improve", "refused", "visitor")], [], []]


def test_one_showing_of_a_form_is_taken_once(site: Site) -> None:
    form, person = site.form("/callback"), invent()
    fields = {**form.fields, "name": person.name, "phone": person.phone}
    first, second = site.send("/callback", fields), site.send("/callback", fields)
    assert first.headers["location"] == second.headers["location"]
    other = site.send("/callback", {**site.form("/callback").fields, "name": person.name, "phone": person.phone})
    assert other.headers["location"] != first.headers["location"]


def test_a_problem_is_told_in_the_readers_language_beside_what_was_typed(site: Site) -> None:
    form = site.form("/callback")
    answer = site.send("/callback", {**form.fields, "name": "Дилноза <b>", "phone": "12"})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert 'value="Дилноза &lt;b&gt;"' in answer.text and 'value="12"' in answer.text
    assert re.search(r'id="phone-problem">[А-Яа-я]', answer.text)
    (again,) = forms_of(answer.text)
    taken = site.send("/callback", {**again.fields, "phone": invent().phone})
    assert taken.status_code == 303


def test_another_text_than_the_one_in_force_is_shown_again(site: Site) -> None:
    form, person = site.form("/callback"), invent()
    answer = site.send(
        "/callback", {**form.fields, "omonat_notice": "0" * 64, "name": person.name, "phone": person.phone}
    )
    assert answer.status_code == 409 and person.name in answer.text
    (again,) = forms_of(answer.text)
    assert again.fields["omonat_notice"] == form.fields["omonat_notice"] and "omonat-note" in answer.text
    assert site.send("/callback", again.fields).status_code == 303


def test_news_only_where_its_box_was_ticked(site: Site, omonat: Omonat) -> None:
    form, person = site.form("/order"), invent()
    boxes = [name for name in re.findall(r'name="(omonat_news_\w+)" value="on"', site.client.get("/order").text)]
    assert boxes and not [name for name in boxes if name in form.fields]  # never ticked beforehand
    known = {"name": person.name, "phone": person.phone, "email": person.email, "company": "X", "service": "SIP"}
    fields = {**form.fields, **{name: text for name, text in known.items() if name in form.fields}}
    plain = omonat.get_case(sent_case(site.send("/order", fields).headers["location"]))
    ticked = site.send("/order", {**fields, **site_once(site), "omonat_news_email": "on"})
    news = omonat.get_case(sent_case(ticked.headers["location"]))
    assert {one.purpose for one in omonat.list_consents(plain.subject_id).items}.isdisjoint({"news"})
    granted = [one for one in omonat.list_consents(news.subject_id).items if one.purpose == "news"]
    assert [(one.channel, one.action) for one in granted] == [("email", "granted")]
    assert granted[0].text_hash == omonat.get_form("order", language="ru").news["email"].hash


def site_once(site: Site, path: str = "/order") -> dict[str, str]:
    return {"omonat_once": site.form(path).fields["omonat_once"]}


def test_a_form_from_another_site_is_refused(site: Site) -> None:
    form = site.form("/callback")
    fields = {**form.fields, "name": "A", "phone": invent().phone}
    assert site.send("/callback", fields, Origin="https://evil.example").status_code == 403
    assert site.send("/callback", fields, Sec_Fetch_Site="cross-site").status_code == 403
    assert site.send("/callback", {"name": "x" * 200_000}).status_code == 413


def choice(**facts: object) -> dict[str, str]:
    said = {"visitor_id": "x", "purposes": {"improve": True}, "policy_number": "3.2", "basis": bases(real_policy()),
            "at": datetime.now(UTC).isoformat(), "gpc": False, **facts}  # fmt: skip
    return {"Cookie": f"{COOKIE}={base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip('=')}.tag"}


@pytest.mark.parametrize(("headers", "counted"), [
    ({}, False), (choice(), True), (choice() | {"Sec-GPC": "1"}, False), (choice(gpc=True) | {"Sec-GPC": "1"}, True),
    (choice(purposes={"improve": False}), False), (choice(at="2020-01-01T00:00:00Z"), False),
    (choice(at="2999-01-01T00:00:00Z"), False), (choice(basis={"improve": "before"}), False), (choice(basis=""), False),
    (choice(since={"improve": "2020-01-01T00:00:00Z"}), False), (choice(since={"news": "2020-01-01T00:00:00Z"}), True),
    ({"Cookie": f"{COOKIE}=nonsense"}, False),
])  # fmt: skip
def test_the_choice_about_cookies_and_the_signal_are_honoured(
    site: Site, headers: dict[str, str], counted: bool
) -> None:
    page = site.client.get("/", headers=headers)
    assert ("is counted" in page.text) == counted and "set-cookie" not in page.headers


def test_the_whole_in_a_browser(site: Site, omonat: Omonat, open_page: OpenPage) -> None:
    page, person = open_page(locale="uz-UZ", phone=True, java_script_enabled=True), invent()
    page.goto(f"{site.url}/")
    page.click("text=Call me back")
    assert page.locator("html").get_attribute("lang") == "uz-Latn"
    assert [line for line in axe(page) if "target-size" not in line] == []
    page.fill("#name", person.name)
    page.fill("#phone", person.phone)
    page.click("button")
    page.wait_for_url("**sent=*")
    assert omonat.get_case(sent_case(page.url)).kind == "contact"


@pytest.mark.parametrize("name", NAMES)
def test_without_omonat_nothing_is_taken_and_what_was_typed_stays(
    name: str, server: Server, omonat: Omonat, tmp_path_factory: pytest.TempPathFactory
) -> None:
    own = Server(new_installation(tmp_path_factory.mktemp("down") / "installation", adopt=False))
    site = Site(name, own.url, installed_key(own.installation, "collect"), tmp_path_factory.mktemp("site"))
    try:
        form, person = site.form("/callback"), invent()
        own.stop()
        assert site.client.get("/callback").status_code == 503
        down = site.send("/callback", {**form.fields, "name": person.name, "phone": person.phone})
        assert down.status_code == 503 and person.name in down.text and "retry-after" in down.headers
        own.start()
        (again,) = forms_of(down.text)
        assert again.fields["omonat_once"] == form.fields["omonat_once"]
        assert site.send("/callback", again.fields).status_code == 303
    finally:
        site.close()
        own.kill9()


def test_the_examples_are_named_in_their_readme() -> None:
    readme = (EXAMPLES / "README.md").read_text("utf-8")
    assert {path.parent.name for path in EXAMPLES.glob("*/main.py")} == set(NAMES)
    assert all(f"`{name}`" in readme for name in NAMES)


@pytest.mark.parametrize(
    "path", ["fastapi_site/main.py", "django_site/main.py", "django_site/form.html", "flask_site/main.py"]
)
def test_the_docs_show_what_runs(path: str) -> None:
    assert (EXAMPLES / path).read_text("utf-8") in (EXAMPLES.parent / "docs" / "client.md").read_text("utf-8")
