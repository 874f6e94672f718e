"""The portal from outside: the Subject signs in and uses every right; the Stranger sees nothing (clause 7.1)."""

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from web.portal_world import CONTACT, ORDER, SESSION, Browser, World

from omonat.crypto.fields import text_hash
from omonat.kernel.ids import new_id
from omonat.kernel.language import LANGUAGES, catalogue
from omonat.storage import schema
from omonat.web.portal import PORTAL

PORTAL_FOLDER = Path(__file__).parents[2] / "src" / "omonat" / "web" / "portal"
OPEN = {"/sign-in", "/code", "/who", "/sign-out", "/certificate"}
PERSONAL_PAGES = ("", "/stop", "/delete", "/complain", "/values/{record}", "/cases/{case}", "/prove/{case}")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def quiet_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """For tests that change nothing: one installation, somebody's order in it."""
    made = World(tmp_path_factory.mktemp("quiet"))
    made.submit("order", ORDER)
    yield made
    made.close()


@pytest.fixture(scope="module")
def quiet_me(quiet_world: World) -> Browser:
    browser = quiet_world.browser()
    browser.sign_in(ORDER["phone"])
    return browser


@pytest.fixture
def quiet_stranger(quiet_world: World) -> Browser:
    return quiet_world.browser()


@pytest.fixture
def stranger(world: World) -> Browser:
    return world.browser()


@pytest.fixture
def me(world: World) -> Browser:
    """Signed in after an order with news by e-mail and SMS."""
    world.submit("order", ORDER, "email", "sms")
    browser = world.browser()
    browser.sign_in(ORDER["phone"])
    return browser


def records(page: str) -> list[str]:
    return re.findall(r"/values/([0-9a-f-]{36})", page)


def cases(page: str) -> list[str]:
    return re.findall(r"/cases/([0-9a-f-]{36})", page)


def subject_of(world: World, browser: Browser):
    session = world.omonat.sign_in.find_session(browser.token, world.omonat.clock.now())
    assert session is not None
    return session.subject_id


def posts() -> set[str]:
    routes = [route for route in PORTAL.routes if "POST" in getattr(route, "methods", ())]
    return {route.path.removeprefix("/{language:str}/my") for route in routes}


# --- the Stranger ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PERSONAL_PAGES)
def test_a_stranger_is_led_to_the_sign_in(quiet_stranger: Browser, page: str) -> None:
    stranger = quiet_stranger
    for language in LANGUAGES:
        stranger.language = language
        answer = stranger.get(page.format(record=new_id(), case=new_id()))
        assert answer.url.path == f"/{language}/my/sign-in"
        assert answer.headers["cache-control"] == "no-store"
        assert not any(value in answer.text for value in ORDER.values())


@pytest.mark.parametrize("path", sorted(posts() - OPEN))
def test_nobody_acts_without_a_session(quiet_stranger: Browser, path: str) -> None:
    stranger = quiet_stranger
    stranger.get("/sign-in")
    address = re.sub(r"\{.*?\}", str(new_id()), path)
    answer = stranger.send("POST", stranger.path(address), data={"sure": "on"}, follow=False)
    assert answer.status_code == 303 and answer.headers["location"] == "/en/my/sign-in"
    assert answer.headers["cache-control"] == "no-store"


def test_known_and_unknown_addresses_get_the_same_answer(world: World) -> None:
    world.submit("order", ORDER)
    pages = []
    for identifier in (ORDER["phone"], "+998 90 765 43 21", ORDER["email"], "nobody@example.uz"):
        answer = world.browser().ask(identifier)
        assert answer.status_code == 200 and answer.url.path == "/en/my/code"
        pages.append(re.sub(r'value="[0-9a-f]{128}"', "", answer.text))
    assert len(set(pages)) == 1
    assert ORDER["phone"] not in pages[0]


def test_no_cookie_before_a_code_is_asked_for(stranger: Browser) -> None:
    answer = stranger.get("/sign-in")
    assert not stranger.cookies and "set-cookie" not in answer.headers
    stranger.post("/sign-in", identifier="nobody@example.uz")
    assert list(stranger.cookies) == [SESSION]


def test_what_is_no_address_comes_back_with_its_problem(stranger: Browser) -> None:
    stranger.get("/sign-in")
    answer = stranger.post("/sign-in", identifier="abc")
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text and 'value="abc"' in answer.text
    assert not stranger.cookies


def test_a_form_from_another_site_is_refused(stranger: Browser) -> None:
    stranger.get("/sign-in")
    answer = stranger.send("POST", "/en/my/sign-in", data={"identifier": "a@b.uz"}, site="cross-site")
    assert answer.status_code == 403 and not stranger.cookies


# --- signing in --------------------------------------------------------------------------------------------------


def test_the_token_is_another_one_after_sign_in(world: World, stranger: Browser) -> None:
    world.submit("order", ORDER)
    stranger.ask(ORDER["email"])
    before = stranger.token
    answer = stranger.post("/code", code=world.code(before.rpartition(".")[2]), follow=False)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/")) and "Max-Age" not in cookie
    assert stranger.token and stranger.token != before and not stranger.token.startswith("before.")


def test_a_wrong_code_says_nothing_and_lets_try_again(world: World, stranger: Browser) -> None:
    world.submit("order", ORDER)
    stranger.ask(ORDER["phone"])
    right = world.code(stranger.token.rpartition(".")[2])
    wrong = stranger.post("/code", code="111111" if right != "111111" else "222222")
    assert wrong.status_code == 422 and wrong.url.path == "/en/my/code"
    spaced = f"{right[:3]} {right[3:]}"
    assert stranger.post("/code", code=spaced).url.path == "/en/my"


def test_a_code_works_only_in_the_browser_that_asked(world: World, stranger: Browser) -> None:
    world.submit("order", ORDER)
    stranger.ask(ORDER["phone"])
    challenge = stranger.token.rpartition(".")[2]
    thief = world.browser()
    thief.ask("thief@example.uz")
    first, random, _ = thief.token.split(".")
    thief.cookies[SESSION] = f"{first}.{random}.{challenge}"
    thief.get("/code")
    answer = thief.post("/code", code=world.code(challenge))
    assert answer.status_code == 422 and answer.url.path == "/en/my/code"


def test_who_are_you_joins_what_is_ticked_and_only_that(world: World, stranger: Browser) -> None:
    world.submit("order", ORDER)
    world.submit("callback", {"name": "Oʻgʻiloy", "phone": ORDER["phone"]})
    world.submit("callback", {"name": "Boshqa", "phone": ORDER["phone"]})
    stranger.ask(ORDER["phone"])
    answer = stranger.post("/code", code=world.code(stranger.token.rpartition(".")[2]))
    assert answer.url.path == "/en/my/who" and "Boshqa" not in answer.text
    assert stranger.get().url.path == "/en/my/who"  # nothing else before the question is answered
    boxes = re.findall(r'name="(mine_[0-9a-f-]+)"', answer.text)
    assert len(boxes) == 3
    assert stranger.post("/who").status_code == 422
    mine = stranger.post("/who", **{boxes[0]: "on", boxes[1]: "on"})
    assert mine.url.path == "/en/my"
    assert sum(name in mine.text for name in ("Oʻgʻiloy Saʼdiyeva", "Boshqa")) >= 1
    assert len(set(records(mine.text))) >= 2


def test_a_new_form_is_offered_to_whom_the_number_is_proven(world: World, me: Browser) -> None:
    world.submit("callback", {"name": "Yangi Xat", "phone": ORDER["phone"]})
    again = world.browser()
    again.ask(ORDER["phone"])
    page = again.post("/code", code=world.code(again.token.rpartition(".")[2])).text
    holder, claimed = re.search(r'name="person" value="([0-9a-f-]+)"', page), re.search(r'name="(mine_[^"]+)"', page)
    assert holder and claimed
    answer = again.post("/who", person=holder[1], **{claimed[1]: "on"})
    assert answer.url.path == "/en/my" and "Oʻgʻiloy Saʼdiyeva" in answer.text and "Yangi Xat" in answer.text


def test_sign_out_clears_the_browser(me: Browser) -> None:
    token = me.token
    me.get("/sign-out")
    answer = me.post("/sign-out")
    assert answer.status_code == 200 and not me.cookies
    me.cookies[SESSION] = token
    assert me.get().url.path == "/en/my/sign-in"


# --- my data -----------------------------------------------------------------------------------------------------


def test_everything_that_is_held_is_shown(me: Browser) -> None:
    page = me.get().text
    assert "Oʻgʻiloy Saʼdiyeva" in page and "+998 90 123 45 67" in page and "IP telefoniya" in page
    assert "203.0.113.7" in page and "Firefox/140" in page
    assert ORDER["email"] not in page and "o•••@e•••.uz" in page  # not confirmed: perhaps another person's
    assert "3 years after the contract ends" in page


@pytest.mark.parametrize("page", ["", "/stop", "/delete", "/complain", "/sign-out"])
def test_every_page_is_kept_by_no_cache_and_no_index(quiet_me: Browser, page: str) -> None:
    for language in LANGUAGES:
        answer = quiet_me.send("GET", f"/{language}/my{page}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert 'content="noindex"' in answer.text and f'<html lang="{language}"' in answer.text


@pytest.mark.parametrize("path", sorted(posts() - {"/sign-in", "/certificate"}))
def test_nothing_is_done_without_the_token_of_the_session(quiet_me: Browser, path: str) -> None:
    me = quiet_me
    record, case = records(me.get().text)[0], cases(me.page.text if me.page else "")[0]
    address = path.replace("{record_id:str}", record).replace("{case_id:str}", case)
    address = address.replace("{challenge_id:str}", str(new_id()))
    for token in ("", "00" * 64, "zz"):
        sent = {"csrf_token": token, "sure": "on", "purpose": "news", "channel": "email", "value": "X", "text": "x"}
        answer = me.send("POST", me.path(address), data=sent | {"format": "json"}, follow=False)
        if path == "/code":  # signed in, there is nothing to answer
            assert answer.status_code == 303
        else:
            assert answer.status_code == 403
    assert me.get().status_code == 200 and "Oʻgʻiloy Saʼdiyeva" in me.get().text


def test_another_persons_ids_are_not_there(world: World, me: Browser) -> None:
    world.submit("contact", CONTACT)
    other = world.browser()
    other.sign_in(CONTACT["email"])
    page = other.get().text
    record, case = records(page)[0], cases(page)[0]
    me.get()
    for path in (f"/values/{record}", f"/cases/{case}", "/values/abc", "/cases/abc"):
        answer = me.get(path)
        assert answer.status_code == 404 and "Begona" not in answer.text
    for path in (f"/values/{record}", f"/values/{record}/prove", f"/cases/{case}/letter"):
        me.get()
        assert me.post(path, value="Oʻgʻri").status_code == 404
    assert "Begona Kishi" in other.get().text


def test_the_file_in_three_forms_and_in_the_journal(me: Browser) -> None:
    me.get()
    document = json.loads(me.post("/download", format="json").content)
    assert {v["value"] for v in document["values"]} >= {"Oʻgʻiloy Saʼdiyeva", "+998901234567", "IP telefoniya"}
    table = list(csv.reader(io.StringIO(me.post("/download", format="csv").content.decode("utf-8-sig"))))
    assert "+998 90 123 45 67" in [row[2] for row in table]
    pdf = me.post("/download", format="pdf")
    assert pdf.content.startswith(b"%PDF-") and pdf.headers["cache-control"] == "no-store"
    assert re.fullmatch(r'attachment; filename="my-data-\d{4}-\d\d-\d\d\.pdf"', pdf.headers["content-disposition"])
    assert me.post("/download", format="exe").status_code == 400
    assert all(f"download: {name}" in me.get().text for name in ("JSON", "CSV", "PDF"))


def test_the_address_of_a_button_leads_back(quiet_me: Browser) -> None:
    for path in sorted(posts()):
        address = quiet_me.path(re.sub(r"\{.*?\}", str(new_id()), path))
        assert quiet_me.send("GET", address).status_code in (200, 404), address  # never 405


# --- changing ----------------------------------------------------------------------------------------------------


def test_a_value_is_put_right(world: World, me: Browser) -> None:
    page = me.get().text
    record = re.search(r"Your name</th>.*?/values/([0-9a-f-]{36})", page, re.S)
    assert record
    assert "Oʻgʻiloy Saʼdiyeva" in me.get(f"/values/{record[1]}").text
    empty = me.post(f"/values/{record[1]}", value="  ")
    assert empty.status_code == 422 and "note-wrong" in empty.text
    answer = me.post(f"/values/{record[1]}", value="O'g'iloy Karimova")
    assert "Corrected." in answer.text and "Oʻgʻiloy Karimova" in answer.text and "Saʼdiyeva" not in answer.text


def test_what_the_connection_says_cannot_be_typed_over(world: World, me: Browser) -> None:
    with world.omonat.database.read() as tx:
        held = tx.scalar(select(schema.record.c.record_id).where(schema.record.c.field == "ip_address"))
    assert str(held) not in me.get().text
    assert me.get(f"/values/{held}").status_code == 404


def test_a_further_address_is_proven_by_its_own_code(world: World, me: Browser) -> None:
    record = re.search(r"/values/([0-9a-f-]{36})/prove", me.get().text)
    assert record
    answer = me.post(f"/values/{record[1]}/prove")
    challenge = answer.url.path.rpartition("/")[2]
    right = world.code(challenge)
    assert me.post(f"/prove/{challenge}", code="0" if right else "").status_code == 422
    answer = me.post(f"/prove/{challenge}", code=right)
    assert "Confirmed" in answer.text and ORDER["email"] in answer.text


def test_consents_are_taken_back_and_given_again(world: World, me: Browser) -> None:
    assert me.get().text.count("/consents/withdraw") == 2
    answer = me.post("/consents/withdraw", purpose="news", channel="email")
    assert "withdrawn" in answer.text and answer.text.count("/consents/withdraw") == 1
    shown = re.findall(r'name="text" value="([0-9a-f]{64})"', answer.text)
    unread = me.post("/consents/give", purpose="news", channel="email", text="0" * 64)
    assert (
        'role="alert"' in unread.text
        and "was not recorded" in unread.text
        and unread.text.count("/consents/withdraw") == 1
    )
    told = world.omonat.rights.consent_text("email", "en", "news")
    assert text_hash(told) in shown and html.escape(told) in answer.text
    answer = me.post("/consents/give", purpose="news", channel="email", text=text_hash(told))
    assert answer.text.count("/consents/withdraw") == 2
    assert me.post("/consents/give", purpose="support", channel="form").status_code == 400
    assert me.post("/consents/withdraw", purpose="").status_code == 400


def test_objecting_suspending_and_allowing_again(me: Browser) -> None:
    me.get("/stop")
    assert "Your objection is kept" in me.post("/stop/object", purpose="contract").text
    assert "You have objected to: concluding and performing contracts." in me.get().text
    assert "you have objected" in me.get("/stop").text
    assert "taken back" in me.post("/stop/object/lift", purpose="contract").text
    me.get("/stop")
    assert "Processing of your data is suspended." in me.post("/stop/suspend").text
    me.get("/stop")
    assert "Processing of your data is suspended." not in me.post("/stop/lift").text
    me.get("/stop")
    assert me.post("/stop/object", purpose="nonsense").status_code == 400


# --- deleting ----------------------------------------------------------------------------------------------------


def test_deletion_asks_first_then_certifies_and_forgets(world: World, me: Browser) -> None:
    assert "everything is deleted" in me.get("/delete").text
    assert me.post("/delete").status_code == 422 and "Oʻgʻiloy" in me.get().text
    me.get("/delete")
    done = me.post("/delete", sure="on")
    assert done.status_code == 200 and done.headers["cache-control"] == "no-store"
    assert not me.cookies and "Certificate of destruction" in done.text
    assert not any(value in done.text for value in ORDER.values())
    signed = re.search(r'name="certificate" value="([^"]+)"', done.text)
    assert signed
    document = json.loads(me.post("/certificate", certificate=signed[1], format="json").content)
    assert document["whole"] is True and document["keys"] > 0 and document["records_by_category"]["name"] >= 1
    assert me.post("/certificate", certificate=signed[1], format="pdf").content.startswith(b"%PDF-")
    for forged in ("", "x.y", signed[1][:-3] + "AAA", "Zm9v." + signed[1].rpartition(".")[2]):
        assert me.post("/certificate", certificate=forged, format="json").status_code == 400
    assert me.get().url.path == "/en/my/sign-in"
    assert 'id="cookie-banner"' in me.send("GET", "/en/").text


def test_what_a_law_keeps_is_named_with_law_and_day(world: World, me: Browser) -> None:
    subject, now = subject_of(world, me), world.omonat.clock.now()

    def unit(tx) -> None:
        event = world.omonat.ledger.append(tx, kind="hold_placed", at=now, facts={})
        row = {
            "subject_id": subject,
            "hold_id": new_id(),
            "purpose": "contract",
            "category": "name",
            "law": "accounting",
        }
        more = {"until_on": date(2099, 1, 31), "reason": "invoice", "placed_by": "staff:admin", "placed_at": now}
        tx.execute(insert(schema.hold).values(**row, **more, event_id=event))

    world.omonat.database.write(unit)
    for page in (me.get().text, me.get("/delete").text):
        assert "On Accounting" in page and "31 January 2099" in page
        assert "to be confirmed by counsel" in page  # a secondary source only
    done = me.post("/delete", sure="on")
    assert "On Accounting" in done.text and "31 January 2099" in done.text and not me.cookies


# --- complaining -------------------------------------------------------------------------------------------------


def test_complaining_to_the_company_and_the_letter_to_the_authority(me: Browser) -> None:
    page = me.get("/complain").text
    assert "Personalization Agency" in page and "pd.gov.uz" in page
    assert me.post("/complain", text=" ").status_code == 422
    assert me.post("/complain/letter", text="Ruxsatsiz SMS keldi.").content.startswith(b"%PDF-")
    answer = me.post("/complain", text="Ruxsatsiz SMS keldi.")
    assert "Your complaint has reached us." in answer.text and "set by our policy, not by law" in answer.text
    case = answer.url.path.rpartition("/")[2]
    assert me.post(f"/cases/{case}/letter").content.startswith(b"%PDF-")
    assert "Complaint" in me.get().text


# --- texts -------------------------------------------------------------------------------------------------------


def portal_texts() -> set[str]:
    texts: set[str] = set()
    in_page = re.compile(r"""(?<![\w.])t(?:_html)?\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
    for path in PORTAL_FOLDER.rglob("*.html"):
        texts |= {found[1:-1] for found in in_page.findall(path.read_text("utf-8"))}
    in_code = re.compile(r'(?:said\(\s*\w+,\s*|title=|else )"((?:[^"\\]|\\.)*)"')
    for path in PORTAL_FOLDER.rglob("*.py"):
        texts |= {found for found in in_code.findall(path.read_text("utf-8")) if found and not found.startswith("/")}
    from omonat.web.portal.overview import DONE, NOT_DONE

    return texts | set(DONE.values()) | set(NOT_DONE.values())


@pytest.mark.parametrize("language", ["uz-Latn", "ru"])
def test_every_text_of_the_portal_is_translated(language: str) -> None:
    texts = portal_texts()
    assert len(texts) > 100
    assert texts - set(catalogue(language, "portal")) == set()
    assert set(catalogue(language, "portal")) - texts == set()  # nothing left over
