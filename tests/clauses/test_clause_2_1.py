"""2.1 what is collected: declared categories only, validated and normalised by kind, nothing typed is lost."""

import pytest

from harness.acts import fill, open_form, press_send
from harness.browser import OpenPage
from harness.people import Visitor, invent
from harness.server import Server


def _held(server: Server, phone: str, purpose: str) -> dict[str, str]:
    words = ("person", "show", "--phone", phone, "--purpose", purpose, "--reason", "test")
    return {value["field"]: value["value"] for value in server.installation.json(*words)["values"]}


def test_every_declared_category_is_kept_normalised(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server, headers={"User-Agent": "Brauzer/1.0 (sinov)"}), invent()
    typed = {
        "name": "  Gʻayrat`ov   O'tkir‘bek ",
        "phone": f"8 {person.phone[4:6]} {person.phone[6:9]}-{person.phone[9:11]}-{person.phone[11:]}",
        "email": f" {person.email.upper()} ",
        "company": "“Toʻlqin” MChJ",
        "service": "Virtual ATS",
        "comment": "Ikki\nqator",
    }
    visitor.send_form("order", typed)
    held = _held(shared_server, person.phone, "contract")
    assert held == {
        "name": "Gʻayratʼov Oʻtkirʼbek",
        "phone": person.phone,
        "email": person.email,
        "company": "“Toʻlqin” MChJ",
        "service": "Virtual ATS",
        "comment": "Ikki\nqator",
        "ip_address": "127.0.0.1",
        "browser": "Brauzer/1.0 (sinov)",
    }


def test_numbers_abroad_are_taken_too(shared_server: Server) -> None:
    visitor = Visitor(shared_server)
    thanks = visitor.send_form("callback", {"name": "Anna", "phone": "+49 30 901820"})
    assert thanks.url.path.endswith("/thanks")


def test_wrong_values_come_back_beside_their_fields_with_all_that_was_typed(
    shared_server: Server, open_page: OpenPage
) -> None:
    page = open_page(locale="ru-RU", phone=True, java_script_enabled=False)
    open_form(page, shared_server, "order", language="ru")
    typed = {"name": "Анна", "phone": "12", "email": "anna@", "company": "Фирма", "service": "", "comment": "Ждём"}
    fill(page, typed)
    press_send(page)
    for field in ("phone", "email", "service"):
        assert page.get_attribute(f"#{field}", "aria-invalid") == "true"
        problem = page.inner_text(f"#{field}-problem")
        assert any("а" <= sign <= "я" for sign in problem), problem
    assert {name: page.input_value(f"#{name}") for name in typed} == typed


@pytest.mark.parametrize("field", ["passport", "pinfl", "constructor"])
def test_a_field_that_the_policy_does_not_declare_is_refused_by_the_door(shared_server: Server, field: str) -> None:
    visitor, person = Visitor(shared_server), invent()
    answer = visitor.send("/callback", name=person.name, phone=person.phone, **{field: "AB1234567"})
    assert answer.status_code == 422
    assert field in answer.text
    assert "AB1234567" not in answer.text
    assert _nobody(visitor, person.phone)


def test_a_program_gets_the_error_as_a_problem_document(shared_server: Server) -> None:
    person = invent()
    state = _form_fields(Visitor(shared_server, "en"), "/callback")
    program = Visitor(shared_server, "en", headers={"Accept": "application/json"})
    answer = program.post("/callback", {**state, "name": "A", "phone": person.phone, "passport": "AB1234567"})
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["code"] == "undeclared_category"
    assert "AB1234567" not in answer.text


def _form_fields(visitor: Visitor, path: str) -> dict[str, str]:
    return visitor.form_to(visitor.get(path), path).fields


def _nobody(visitor: Visitor, phone: str) -> bool:
    words = ("person", "show", "--phone", phone, "--purpose", "support", "--reason", "test")
    visitor.server.installation.run(*words, fails=True)
    return True
