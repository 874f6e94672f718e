"""10.1 contact: the registered details, and a form of which each message becomes a tracked case with a term."""

import pytest

from harness.acts import send_form, sign_in
from harness.browser import OpenPage
from harness.people import Visitor, case_of, invent, random_word
from harness.server import Server
from harness.staff import Member


@pytest.mark.parametrize(
    ("language", "street"),
    [("uz-Latn", "Parkent koʻchasi"), ("uz-Cyrl", "Паркент кўчаси"), ("ru", "Паркентская"), ("en", "Parkent Street")],
)
def test_the_page_gives_the_registered_details(shared_server: Server, language: str, street: str) -> None:
    shown = Visitor(shared_server, language).get("/contact").text
    for detail in ("309519699", street, "https://iptelefoniya.uz/", "megabit.crm@gmail.com", "+998 78 333 22 33"):
        assert detail in shown
    assert 'href="tel:+998783332233"' in shown
    assert 'href="mailto:megabit.crm@gmail.com"' in shown


def test_a_message_becomes_a_case_that_both_sides_follow(shared_server: Server, open_page: OpenPage) -> None:
    page, person = open_page(phone=True), invent()
    typed = {"name": person.name, "email": person.email, "message": "Shaxsiy maʼlumotlarim haqida savol."}
    number = send_form(page, shared_server, "contact", typed)
    assert number in page.inner_text("main")
    installation = shared_server.installation
    assert number in {case["case_id"] for case in installation.json("case", "list", "--limit", "1000")}
    read = installation.run("person", "show", "--email", person.email, "--purpose", "support", "--reason", "answer")
    assert "Shaxsiy maʼlumotlarim haqida savol." in read.stdout
    sign_in(page, shared_server, person.email)
    page.click(f"#cases a[href$='{number}']")
    assert page.is_visible(".badge-open")
    installation.run("case", "close", number, "--outcome", "answered")
    page.reload()
    assert page.is_visible(".badge-now")
    case = installation.json("case", "show", number)
    assert (case["state"], case["outcome"]) == ("done", "answered")


def test_staff_hear_of_it_by_its_number_alone(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    thanks = visitor.send_form("contact", {"name": person.name, "email": person.email, "message": "Salom"})
    case_id = str(thanks.url).partition("case=")[2][:36]
    while case_id not in shared_server.output():
        shared_server.answers()
    assert person.email not in shared_server.output()


def test_another_persons_case_is_not_there(shared_server: Server) -> None:
    visitor, person, other = Visitor(shared_server), invent(), invent()
    thanks = Visitor(shared_server).send_form(
        "contact", {"name": other.name, "email": other.email, "message": "Menga tegishli"}
    )
    case_id = str(thanks.url).partition("case=")[2][:36]
    visitor.send_form("contact", {"name": person.name, "email": person.email, "message": "Salom"})
    visitor.sign_in(person.email)
    assert visitor.get(f"/my/cases/{case_id}").status_code == 404


def test_the_staff_answer_and_the_person_reads_it_and_writes_back(shared_server: Server) -> None:
    person, answer, further = invent(), f"Javobimiz {random_word()}", f"Rahmat {random_word()}"
    message = {"name": person.name, "email": person.email, "message": "Qachon ulaysiz?"}
    case_id = case_of(Visitor(shared_server).send_form("contact", message))
    support = Member(shared_server, "support")
    assert case_id in support.get(f"/console/cases?number={case_id[-12:]}").text
    assert "Qachon ulaysiz?" in support.get(f"/console/cases/{case_id}?open=1").text
    sent = support.send(f"/console/cases/{case_id}/reply", shown_at=f"/console/cases/{case_id}", text=answer)
    assert sent.status_code == 200
    while not any(answer in line for line in shared_server.letters()):
        assert shared_server.answers()
    visitor = Visitor(shared_server)
    visitor.sign_in(person.email)
    own = f"/my/cases/{case_id}"
    assert answer in visitor.get(own).text
    visitor.send(f"{own}/message", shown_at=own, text=further)
    assert further in support.get(f"/console/cases/{case_id}?open=1").text
