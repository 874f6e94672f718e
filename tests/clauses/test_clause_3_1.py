"""3.1 purposes: news only with consent and a confirmed address; what came for one purpose is refused for another."""

import csv
import io

from harness.acts import send_form, sign_in
from harness.browser import OpenPage
from harness.people import Visitor, invent
from harness.server import Server


def _mailing(server: Server, channel: str) -> set[str]:
    words = ("mailing", "list", "--purpose", "news", "--channel", channel, "--reason", "A new tariff")
    printed = server.installation.run(*words).stdout
    return {row["address"] for row in csv.DictReader(io.StringIO(printed))}


def test_news_go_only_where_a_box_was_ticked_and_the_address_confirmed(
    shared_server: Server, open_page: OpenPage
) -> None:
    page, person, other = open_page(phone=True), invent(), invent()
    typed = {"name": person.name, "email": person.email, "message": "Narxlar qanday?"}
    send_form(page, shared_server, "contact", typed, news=["email"])
    quiet = Visitor(shared_server)
    quiet.send_form("contact", {"name": other.name, "email": other.email, "message": "Xabar"})
    quiet.sign_in(other.email)
    assert not {person.email, other.email} & _mailing(shared_server, "email")
    sign_in(page, shared_server, person.email)
    assert {person.email, other.email} & _mailing(shared_server, "email") == {person.email}


def test_the_boxes_are_unticked_and_apart_for_each_channel(shared_server: Server, open_page: OpenPage) -> None:
    page = open_page()
    for form, channels in (("callback", 2), ("order", 3), ("contact", 3)):
        page.goto(f"{shared_server.url}/uz-Latn/{form}")
        boxes = page.locator("main form input[type=checkbox]")
        assert boxes.count() == channels
        assert not any(box.is_checked() for box in boxes.all())


def test_consent_to_one_channel_is_none_to_another(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    typed = {"name": person.name, "phone": person.phone, "email": person.email, "service": "CRM"}
    visitor.send_form("order", typed, news=["sms"])
    visitor.sign_in(person.phone)
    _confirm(visitor, "email")
    assert person.phone in _mailing(shared_server, "sms")
    assert person.email not in _mailing(shared_server, "email")
    assert person.phone not in _mailing(shared_server, "telegram")


def _confirm(visitor: Visitor, field: str) -> None:
    """Show by a code that a further address, typed with a form, is mine."""
    file = visitor.send("/my/download", shown_at="/my", format="json").json()
    record = next(value["record_id"] for value in file["values"] if value["field"] == field)
    before = len(visitor.server.codes())
    asked = visitor.send(f"/my/values/{record}/prove", shown_at="/my")
    path = asked.url.path.removeprefix(f"/{visitor.language}")
    done = visitor.send(path, code=visitor.server.wait_for_code(before))
    assert done.url.query == b"done=proven"


def test_a_mailing_is_shown_to_each_person_in_it(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server, "en"), invent()
    typed = {"name": person.name, "phone": person.phone}
    visitor.send_form("callback", typed, news=["sms"])
    visitor.sign_in(person.phone)
    assert person.phone in _mailing(shared_server, "sms")
    journal = visitor.send("/my/download", shown_at="/my", format="json").json()["journal"]
    assert ("use", "news", "A new tariff") in {(line["operation"], line["purpose"], line["reason"]) for line in journal}


def test_what_was_collected_for_one_purpose_is_refused_for_another(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    visitor.send_form("callback", {"name": person.name, "phone": person.phone})
    run = shared_server.installation.run
    read = run("person", "show", "--phone", person.phone, "--purpose", "contract", "--reason", "a sale")
    assert person.phone not in read.stdout
    sold = run("mailing", "list", "--purpose", "support", "--channel", "sms", "--reason", "A new tariff", fails=True)
    assert person.phone not in sold.stdout + sold.stderr
    given = ("disclose", "--phone", person.phone, "--to", "contractor", "--purpose", "contract", "--reason", "visit")
    assert person.phone not in run(*given, fails=True).stdout


def test_reading_needs_a_purpose(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    visitor.send_form("callback", {"name": person.name, "phone": person.phone})
    done = shared_server.installation.run("person", "show", "--phone", person.phone, "--reason", "x", fails=True)
    assert done.returncode == 2
    assert "--purpose" in done.stderr
