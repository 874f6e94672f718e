"""4.1 legal grounds: each value has its own; withdrawing consent stops exactly what rests on it."""

import json

from harness.acts import send_form, sign_in
from harness.browser import OpenPage
from harness.people import Visitor, invent
from harness.server import Server


def test_withdrawing_stops_what_rests_on_consent_and_nothing_else(shared_server: Server, open_page: OpenPage) -> None:
    page, person = open_page(locale="en-US"), invent()
    typed = {"name": person.name, "phone": person.phone, "email": person.email, "service": "IP PBX"}
    send_form(page, shared_server, "order", typed, language="en", news=["email"])
    sign_in(page, shared_server, person.email, language="en")
    run = shared_server.installation.run
    mailing = ("mailing", "list", "--purpose", "news", "--channel", "email", "--reason", "tariff")
    assert person.email in run(*mailing).stdout
    page.click("#consents form[action$='/withdraw'] button")
    page.wait_for_url("**/my?done=withdrawn")
    assert person.email not in run(*mailing).stdout
    read = run("person", "show", "--email", person.email, "--purpose", "contract", "--reason", "the contract")
    assert person.phone in read.stdout
    page.goto(f"{shared_server.url}/en/my")
    assert "What rests on a contract or a law goes on." in page.inner_text("#consents")
    assert person.email in page.inner_text("#data")


def test_each_value_shows_its_ground_to_person_and_staff(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    typed = {"name": person.name, "phone": person.phone, "service": "CRM"}
    visitor.send_form("order", typed, news=["sms"])
    visitor.sign_in(person.phone)
    file = visitor.send("/my/download", shown_at="/my", format="json").json()
    assert {(value["purpose"], value["ground"]) for value in file["values"]} == {
        ("contract", "contract"), ("news", "consent"),
    }  # fmt: skip
    words = ("person", "show", "--phone", person.phone, "--purpose", "news", "--reason", "test")
    assert {value["ground"] for value in shared_server.installation.json(*words)["values"]} == {"consent"}


def test_the_policy_gives_each_purpose_and_form_its_ground(shared_server: Server) -> None:
    public = Visitor(shared_server).get("/policy.json").json()
    text = json.dumps(public)
    assert all(ground in text for ground in ("consent", "contract", "law"))
    shown = Visitor(shared_server, "en").get("/policy").text
    section = shown[shown.index('id="s4"') : shown.index('id="s5"')]
    assert all(word in section.lower() for word in ("consent", "contract", "law"))


def test_withdrawing_consent_to_support_ends_its_use(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    visitor.send_form("callback", {"name": person.name, "phone": person.phone})
    visitor.sign_in(person.phone)
    visitor.send("/my/consents/withdraw", shown_at="/my")
    words = ("person", "show", "--phone", person.phone, "--purpose", "support", "--reason", "call back")
    refused = shared_server.installation.run(*words, fails=True)
    assert refused.returncode == 1
    assert person.phone not in refused.stdout + refused.stderr
    assert "consent" in refused.stderr
