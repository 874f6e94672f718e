"""The Python client against a running server: forms, cases, consents and webhooks, as another system uses them."""

import asyncio
from collections.abc import Iterator

import pytest

from harness.apart import run_apart
from harness.installation import new_installation
from harness.people import invent
from harness.programs import installed_key
from harness.receiver import Receiver, receiver
from harness.server import Server
from omonat.client import AsyncOmonat, Omonat, OmonatProblem
from omonat.client.webhooks import verify


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(new_installation(tmp_path_factory.mktemp("client") / "installation", adopt=False))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def omonat(server: Server) -> Iterator[Omonat]:
    with Omonat(server.url, installed_key(server.installation), language="ru") as made:
        yield made


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def send(omonat: Omonat, **options: str):  # type: ignore[no-untyped-def]
    person = invent()
    form = omonat.get_form("callback", language="ru")
    fields = {"name": person.name, "phone": person.phone}
    return omonat.submit_form("callback", language="ru", notice=form.notice.hash, fields=fields, **options), person


def test_a_form_becomes_a_case_that_is_closed(omonat: Omonat) -> None:
    sent, person = send(omonat)
    assert sent.case_id is not None
    case = omonat.get_case(sent.case_id)
    assert case.state == "open" and case.subject_id == sent.subject_id
    closed = omonat.close_case(case.case_id, outcome="answered", if_match=case)
    assert closed.state == "done"
    with pytest.raises(OmonatProblem) as late:
        omonat.close_case(case.case_id, outcome="answered", if_match=case)
    assert (late.value.code, late.value.status) == ("changed_meanwhile", 412)
    values = omonat.read_person(sent.subject_id, purpose="support", reason="call").items
    assert person.name in {value.value for value in values}


def test_a_key_makes_it_happen_once(omonat: Omonat) -> None:
    person, form = invent(), omonat.get_form("callback", language="ru")
    fields = {"name": person.name, "phone": person.phone}
    sent = [
        omonat.submit_form(
            "callback", language="ru", notice=form.notice.hash, fields=fields, idempotency_key=f"form-{person.email}"
        )
        for _ in range(2)
    ]
    assert sent[0] == sent[1]


def test_problems_are_in_the_language_asked_for(omonat: Omonat) -> None:
    form = omonat.get_form("callback", language="ru")
    with pytest.raises(OmonatProblem) as refused:
        omonat.submit_form("callback", language="ru", notice=form.notice.hash, fields={"name": "", "phone": "1"})
    assert refused.value.code == "invalid_input" and refused.value.status == 422
    assert any("а" <= letter <= "я" for text in refused.value.problems.values() for letter in text)
    with pytest.raises(OmonatProblem) as changed:
        omonat.submit_form("callback", language="ru", notice="0" * 64, fields={"name": "A", "phone": "+998901234567"})
    assert changed.value.code == "policy_changed"


def test_every_page_of_a_list(omonat: Omonat) -> None:
    made = {send(omonat)[0].case_id for _ in range(4)}
    assert made <= {case.case_id for case in omonat.list_cases.each(state="open", limit=2)}


def test_a_key_that_does_not_work(server: Server) -> None:
    with Omonat(server.url, "omk_nothing") as stranger, pytest.raises(OmonatProblem) as refused:
        stranger.list_forms()
    assert refused.value.code == "key_needed"


def test_awaited_and_many_at_once(server: Server) -> None:
    secret = installed_key(server.installation, "collect", "case.read")

    async def whole() -> None:
        async with AsyncOmonat(server.url, secret) as omonat:
            form = await omonat.get_form("callback", language="en")
            sent = await asyncio.gather(
                *(omonat.submit_form("callback", language="en", notice=form.notice.hash,
                                     fields={"name": "A", "phone": invent().phone}) for _ in range(8))
            )  # fmt: skip
            cases = {case.case_id async for case in omonat.list_cases.each(limit=3)}
            assert {one.case_id for one in sent} <= cases

    run_apart(whole())


def test_webhooks_through_the_api(omonat: Omonat, there: Receiver) -> None:
    made = omonat.add_webhook(url=there.url, events=["case.opened"], description="CRM")
    endpoint_id = made.webhook.endpoint_id
    sent, _person = send(omonat)
    there.wait_for(1)
    (event,) = there.events(made.secret)
    assert event.data["case"] == str(sent.case_id) and omonat.get_case(event.data["case"]).state == "open"
    (message,) = _arrived(omonat, endpoint_id)
    assert message.message_id == there.came[0].id and message.status == 204
    omonat.repeat_webhook_message(message.delivery_id)
    assert there.wait_for(2)[1].id == there.came[0].id
    fresh = omonat.rotate_webhook_secret(endpoint_id)
    omonat.test_webhook(endpoint_id)
    there.wait_for(3)
    last = there.came[2]
    assert verify(fresh.secret, last.headers, last.body).type == "webhook.test"
    changed = omonat.change_webhook(
        endpoint_id, url=there.url, events=["case.closed"], if_match=omonat.get_webhook(endpoint_id)
    )
    assert changed.events == ["case.closed"] and changed.old_secret_until is not None
    assert omonat.switch_webhook_off(endpoint_id).off_because == "staff"
    with pytest.raises(OmonatProblem) as off:
        omonat.test_webhook(endpoint_id)
    assert off.value.code == "conflict"
    assert omonat.switch_webhook_on(endpoint_id).off_because == ""
    omonat.remove_webhook(endpoint_id)
    assert endpoint_id not in {one.endpoint_id for one in omonat.list_webhooks().items}
    with pytest.raises(OmonatProblem) as bad:
        omonat.add_webhook(url="http://crm.example.uz/x", events=["case.opened"])
    assert "url" in bad.value.problems


def _arrived(omonat: Omonat, endpoint_id: object):  # type: ignore[no-untyped-def]
    """The messages that arrived, once one did: the answer of the receiver is a moment ahead of the server's note."""
    for _ in range(200):
        found = omonat.list_webhook_messages(endpoint_id, state="arrived").items  # type: ignore[arg-type]
        if found:
            return found
    raise AssertionError("nothing arrived")


def test_who_may_not_sees_no_webhook(server: Server) -> None:
    secret = installed_key(server.installation, "case.read")
    with Omonat(server.url, secret) as stranger, pytest.raises(OmonatProblem) as refused:
        stranger.list_webhooks()
    assert refused.value.code == "not_allowed"
