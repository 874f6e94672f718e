"""The takeover attack, from outside: whoever types a victim's phone or address beside his own gains nothing."""

from harness.people import Invented, Visitor, invent
from harness.server import Server


def _order(visitor: Visitor, name: str, phone: str, email: str) -> None:
    visitor.send_form("order", {"name": name, "phone": phone, "email": email, "service": "CRM"}, news=["email", "sms"])


def _file(visitor: Visitor) -> dict[str, list[dict[str, str]]]:
    file: dict[str, list[dict[str, str]]] = visitor.send("/my/download", shown_at="/my", format="json").json()
    return file


def _victim(server: Server) -> tuple[Visitor, Invented]:
    visitor, victim = Visitor(server), invent()
    _order(visitor, victim.name, victim.phone, victim.email)
    return visitor, victim


def test_a_form_with_the_victims_phone_opens_nothing_of_the_victim(shared_server: Server) -> None:
    _, victim = _victim(shared_server)
    attacker, own = Visitor(shared_server), invent()
    _order(attacker, own.name, victim.phone, own.email)
    attacker.sign_in(own.email)
    shown = attacker.get("/my").text
    assert own.name in shown
    for value in (victim.name, victim.email, victim.phone, victim.shown_phone):
        assert value not in shown
    values = {value["value"] for value in _file(attacker)["values"]}
    assert not {victim.name, victim.email, victim.phone} & values


def test_the_victim_is_asked_and_takes_nothing_that_is_not_his(shared_server: Server) -> None:
    honest, victim = _victim(shared_server)
    attacker, own = Visitor(shared_server), invent()
    _order(attacker, own.name, victim.phone, own.email)
    before = len(shared_server.codes())
    honest.send("/my/sign-in", identifier=victim.phone)
    asked = honest.send("/my/code", code=shared_server.wait_for_code(before))
    assert asked.url.path.endswith("/my/who")
    assert own.name not in asked.text  # masked: enough to recognise one's own
    assert own.email not in asked.text


def test_who_has_proven_his_number_is_not_pushed_out(shared_server: Server) -> None:
    honest, victim = _victim(shared_server)
    honest.sign_in(victim.phone)
    attacker, own = Visitor(shared_server), invent()
    _order(attacker, own.name, victim.phone, own.email)
    attacker.sign_in(own.email)
    attacker.send("/my/delete", sure="on")
    assert victim.name in honest.get("/my").text
    assert victim.phone in {value["value"] for value in _file(honest)["values"]}


def test_a_browser_takes_back_its_own_form_only(shared_server: Server) -> None:
    honest, victim = _victim(shared_server)
    honest.sign_in(victim.phone)
    attacker = Visitor(shared_server)
    _order(attacker, victim.name, victim.phone, victim.email)
    attacker.send("/disagree", erase="on")
    assert victim.name in honest.get("/my").text


def test_news_ticked_under_the_victims_address_are_not_sent(shared_server: Server) -> None:
    attacker, victim, own = Visitor(shared_server), invent(), invent()
    _order(attacker, own.name, own.phone, victim.email)
    attacker.sign_in(own.phone)
    words = ("mailing", "list", "--purpose", "news", "--channel", "email", "--reason", "tariff")
    assert victim.email not in shared_server.installation.run(*words).stdout
