"""7.1 d complain: how and to whom, the letter with its evidence, and the operator's own side tracked."""

from pathlib import Path

from harness.acts import send_form, sign_in
from harness.browser import OpenPage
from harness.people import Visitor, invent
from harness.server import Server


def test_the_page_says_how_and_to_whom_and_prepares_the_letter(shared_server: Server, open_page: OpenPage) -> None:
    page, person = open_page(locale="en-US"), invent()
    send_form(page, shared_server, "callback", {"name": person.name, "phone": person.phone}, language="en")
    sign_in(page, shared_server, person.phone, language="en")
    page.goto(f"{shared_server.url}/en/my/complain")
    shown = page.inner_text("main")
    assert "Personalization Agency" in shown
    assert "https://pd.gov.uz" in shown
    assert "Article 30" in shown
    page.fill("#text", "They called me at night.")
    with page.expect_download() as waited:
        page.click("button[formaction$='/letter']")
    assert Path(waited.value.path()).read_bytes().startswith(b"%PDF-")


def test_a_complaint_to_the_company_is_a_case_with_a_term(shared_server: Server, open_page: OpenPage) -> None:
    page, person = open_page(phone=True, java_script_enabled=False), invent()
    send_form(page, shared_server, "callback", {"name": person.name, "phone": person.phone})
    sign_in(page, shared_server, person.phone)
    page.goto(f"{shared_server.url}/uz-Latn/my/complain")
    page.fill("#text", "Kechasi qoʻngʻiroq qilishdi.")
    page.click("main form.form button:not([formaction])")
    page.wait_for_url("**/my/cases/*")
    case_id = page.url.rpartition("/")[2].partition("?")[0]
    installation = shared_server.installation
    case = installation.json("case", "show", case_id)
    assert (case["kind"], case["state"], case["term"]) == ("complain", "open", "complaint")
    read = installation.run("person", "show", "--phone", person.phone, "--purpose", "legal", "--reason", "complaint")
    assert "Kechasi qoʻngʻiroq qilishdi." in read.stdout
    with page.expect_download() as waited:
        page.click("form[action$='/letter'] button")
    assert Path(waited.value.path()).read_bytes().startswith(b"%PDF-")
    installation.run("case", "close", case_id, "--outcome", "answered")
    page.reload()
    assert page.is_visible(".badge-now")
    assert installation.json("case", "show", case_id)["state"] == "done"


def test_a_refusal_names_its_ground_and_the_way_on(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server, "en"), invent()
    visitor.send_form("callback", {"name": person.name, "phone": person.phone})
    visitor.sign_in(person.phone)
    opened = visitor.send("/my/complain", text="Delete what I never sent.")
    case_id = opened.url.path.rpartition("/")[2]
    close = ("case", "close", case_id, "--outcome", "refused")
    shared_server.installation.run(*close, fails=True)  # a refusal needs one of the law's reasons
    shared_server.installation.run(*close, "--refusal", "informed_before")
    shown = visitor.get(f"/my/cases/{case_id}").text
    assert "/en/my/complain" in shown
    assert "refus" in shown.lower()
