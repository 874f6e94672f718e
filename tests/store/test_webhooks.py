"""Webhooks on both engines, against a real receiver: wanted with the act, tried again, the same id for ever."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from harness.receiver import HANG, Receiver, receiver
from harness.whole import whole_omonat
from omonat.app import Omonat
from omonat.client.webhooks import BadWebhook, verify
from omonat.intake import Evidence
from omonat.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from omonat.kernel.ids import new_id
from omonat.kernel.secret import Sealed
from omonat.staff import StaffAccount
from omonat.storage import Database, schema
from omonat.webhooks import EVENTS, PAUSES, Answer, Delivery, NewEndpoint, Sender

PHONE = "+998901234567"


@pytest.fixture
def omonat(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Omonat]:
    made = whole_omonat(database, key_database, tmp_path, dev=True)
    yield made
    made.close()


@pytest.fixture
def admin(omonat: Omonat) -> StaffAccount:
    return omonat.staff.add("Admin", roles=["administrator"], os_user=None, now=omonat.clock.now())


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def add(omonat: Omonat, admin: StaffAccount, url: str, *events: str) -> NewEndpoint:
    return omonat.webhooks.add(url, events or EVENTS, actor=admin, now=omonat.clock.now())


def send_form(omonat: Omonat) -> UUID:
    """Somebody asks to be called back; the id of his case."""
    now = omonat.clock.now()
    shown = omonat.intake.prepare("callback", "uz-Latn", now)
    fields = {"name": "Aziza", "phone": PHONE}
    done = omonat.intake.submit(
        "callback", shown.state, fields, frozenset(), evidence=Evidence(Sealed("192.0.2.7"), Sealed("tests")), now=now
    )
    assert done.case_id is not None
    return UUID(str(done.case_id))


def work(omonat: Omonat, *, later: timedelta = timedelta()) -> int:
    """Run every webhook job that is due, as the dispatcher would; how many there were."""
    omonat.clock.shift += later
    c = schema.outbox.c
    due = select(c.outbox_id, c.payload).where(
        c.kind == "webhook", c.done_at.is_(None), c.not_before <= omonat.clock.now()
    )
    with omonat.database.read() as tx:
        jobs = list(tx.execute(due.order_by(c.outbox_id)))
    for job in jobs:
        omonat.webhook_deliveries.attempt(job.payload)
        done = update(schema.outbox).where(c.outbox_id == job.outbox_id).values(done_at=omonat.clock.now())
        omonat.database.write(lambda tx, done=done: tx.execute(done))
    return len(jobs)


def only(omonat: Omonat, made: NewEndpoint) -> Delivery:
    (delivery,) = omonat.webhook_deliveries.page(made.endpoint.endpoint_id)
    return delivery


def time_of(omonat: Omonat) -> float:
    return omonat.clock.now().timestamp()


# --- what is told ---------------------------------------------------------------------------------------------------


def test_a_form_is_told_in_words_and_ids_only(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url)
    case_id = send_form(omonat)
    assert work(omonat) == 3
    events = {event.type: event for event in there.events(made.secret.reveal())}
    assert set(events) == {"form.received", "consent.granted", "case.opened"}
    opened = events["case.opened"].data
    assert opened["case"] == str(case_id) and opened["kind"] == "contact"
    assert opened["subject"] == omonat.rights.get_case(case_id).subject_id
    assert events["form.received"].data["categories"] and events["consent.granted"].data["purpose"] == "support"
    for one in there.came:
        assert b"Aziza" not in one.body and b"901234567" not in one.body
        assert one.headers["content-type"] == "application/json" and "committed" not in one.body.decode()
    assert len({one.id for one in there.came}) == 3


def test_only_what_an_endpoint_listens_to(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    add(omonat, admin, there.url, "case.closed", "person.erased")
    case_id = send_form(omonat)
    assert work(omonat) == 0
    omonat.rights.close_case(case_id, admin.actor, "answered", reason="", now=omonat.clock.now())
    assert work(omonat) == 1 and b'"outcome":"answered"' in there.came[0].body


def test_an_act_that_fails_tells_nobody(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url)

    def unit(tx) -> None:  # type: ignore[no-untyped-def]
        omonat.ledger.append(tx, kind="policy_published", at=omonat.clock.now(), facts={"number": "9"})
        raise NotFound

    with pytest.raises(NotFound):
        omonat.database.write(unit)
    assert work(omonat) == 0 and omonat.webhook_deliveries.page(made.endpoint.endpoint_id) == []


def test_an_erased_person_leaves_his_opaque_id(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url)
    case_id = send_form(omonat)
    subject = omonat.rights.get_case(case_id).subject_id
    work(omonat)
    now = omonat.clock.now()
    intent = omonat.database.write(
        lambda tx: omonat.erasure.begin(tx, UUID(subject), None, trigger="demand", actor="subject", now=now)  # type: ignore[arg-type]
    )
    omonat.erasure.carry_out(intent)
    assert work(omonat) == 1
    deliveries = omonat.webhook_deliveries.page(made.endpoint.endpoint_id)
    assert {one.event: one.data for one in deliveries if one.event != "person.erased"} == {
        "form.received": {"subject": subject}, "consent.granted": {"subject": subject},
        "case.opened": {"subject": subject},
    }  # fmt: skip
    assert deliveries[0].event == "person.erased" and deliveries[0].data["trigger"] == "demand"


# --- trying ---------------------------------------------------------------------------------------------------------


def test_it_is_tried_until_it_arrives_under_one_id(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url, "case.opened")
    there.answers = [500, 404, 301, 500]
    send_form(omonat)
    assert work(omonat) == 1 and work(omonat) == 0  # not before its time
    first = only(omonat, made)
    assert (first.state, first.status, first.problem, first.tries) == ("waiting", 500, "broken", 1)
    for pause in PAUSES[:4]:
        assert work(omonat, later=pause * 1.3) == 1
    done = only(omonat, made)
    assert (done.state, done.status, done.problem, done.tries) == ("arrived", 204, "", 5)
    assert {one.id for one in there.came} == {f"msg_{done.message_id.hex}"}
    assert len({one.body for one in there.came}) == 1
    assert len({one.headers["webhook-timestamp"] for one in there.came}) == 5
    with pytest.raises(BadWebhook):
        verify(made.secret.reveal(), there.came[0].headers, there.came[0].body, now=time_of(omonat))  # an old one


def test_after_three_days_it_is_given_up_and_the_endpoint_is_off(
    omonat: Omonat, admin: StaffAccount, there: Receiver
) -> None:
    made = add(omonat, admin, there.url, "case.opened")
    there.otherwise = 503
    send_form(omonat)
    begun = omonat.clock.now()
    work(omonat)
    while only(omonat, made).state == "waiting":
        assert work(omonat, later=only(omonat, made).next_at - omonat.clock.now()) == 1  # type: ignore[operator]
    assert timedelta(days=2.5) < omonat.clock.now() - begun < timedelta(days=4)
    assert len(there.came) == len(PAUSES) + 1 and only(omonat, made).state == "given_up"
    (off,) = omonat.webhooks.switched_off()
    assert off.off_because == "no_answer" and not off.active
    mails = select(func.count()).where(schema.outbox.c.kind == "webhook_off_mail").select_from(schema.outbox)
    with omonat.database.read() as tx:
        assert tx.scalar(mails) == 1
    send_form(omonat)
    assert work(omonat) == 0  # nothing more goes there
    omonat.webhooks.switch(off.endpoint_id, on=True, actor=admin, now=omonat.clock.now())
    there.otherwise = 200
    again = omonat.webhook_deliveries.repeat(only(omonat, made).delivery_id, actor=admin, now=omonat.clock.now())
    assert work(omonat) == 1 and only(omonat, made).state == "arrived"
    assert there.came[-1].id == there.came[0].id == f"msg_{again.message_id.hex}"


def test_one_that_arrives_among_those_given_up_keeps_the_endpoint_on(
    omonat: Omonat, admin: StaffAccount, there: Receiver
) -> None:
    made = add(omonat, admin, there.url, "case.opened")
    there.otherwise = 500
    send_form(omonat)
    work(omonat)
    there.otherwise = 200
    send_form(omonat)
    work(omonat)
    there.otherwise = 500
    while work(omonat, later=timedelta(hours=25)):
        pass
    states = [one.state for one in omonat.webhook_deliveries.page(made.endpoint.endpoint_id)]
    assert states == ["arrived", "given_up"] and omonat.webhooks.switched_off() == []


def test_gone_switches_off_at_once(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url, "case.opened")
    there.answers = [410]
    send_form(omonat)
    work(omonat)
    assert omonat.webhooks.get(made.endpoint.endpoint_id).off_because == "gone"
    assert only(omonat, made).state == "given_up"


def test_it_waits_as_long_as_the_receiver_asks(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url, "case.opened")
    there.answers, there.headers = [429], {"Retry-After": "3600"}
    send_form(omonat)
    work(omonat)
    waits = only(omonat, made)
    assert waits.next_at is not None and waits.tried_at is not None
    assert waits.next_at - waits.tried_at == timedelta(hours=1) and waits.problem == "busy"


def test_a_job_that_runs_twice_writes_once(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url, "case.opened")
    send_form(omonat)
    payload = {"delivery": str(only(omonat, made).delivery_id), "turn": "1"}
    omonat.webhook_deliveries.attempt(payload)
    omonat.webhook_deliveries.attempt(payload)
    assert len(there.came) == 1 and only(omonat, made).tries == 1


def test_a_message_whose_job_was_lost_is_planned_again(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url, "case.opened")
    send_form(omonat)
    lost = update(schema.outbox).values(done_at=omonat.clock.now(), failed="internal")
    omonat.database.write(lambda tx: tx.execute(lost))
    assert work(omonat, later=timedelta(hours=1)) == 0
    omonat.webhook_deliveries.tend(omonat.clock.now())
    assert work(omonat) == 1 and only(omonat, made).state == "arrived"
    omonat.clock.shift += timedelta(days=31)
    omonat.webhook_deliveries.tend(omonat.clock.now())
    assert omonat.webhook_deliveries.page(made.endpoint.endpoint_id) == []


# --- secrets --------------------------------------------------------------------------------------------------------


def test_during_a_rotation_both_secrets_verify(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url, "case.opened")
    endpoint_id = made.endpoint.endpoint_id
    fresh = omonat.webhooks.rotate(endpoint_id, actor=admin, now=omonat.clock.now())
    assert fresh.secret.reveal() != made.secret.reveal()
    send_form(omonat)
    work(omonat)
    for secret in (made.secret, fresh.secret):
        assert there.events(secret.reveal(), now=time_of(omonat))[0].type == "case.opened"
    send_form(omonat)
    work(omonat, later=timedelta(hours=49))
    last = there.came[-1]
    assert verify(fresh.secret.reveal(), last.headers, last.body, now=time_of(omonat)).type == "case.opened"
    with pytest.raises(BadWebhook):
        verify(made.secret.reveal(), last.headers, last.body, now=time_of(omonat))


def test_a_secret_lies_nowhere_in_clear(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url)
    c = schema.webhook_endpoint.c
    with omonat.database.read() as tx:
        sealed = bytes(tx.scalar(select(c.sealed_secret).where(c.endpoint_id == made.endpoint.endpoint_id)))  # type: ignore[arg-type]
    assert made.secret.reveal().encode() not in sealed and made.secret.reveal() not in repr(made)


# --- who and where --------------------------------------------------------------------------------------------------


def test_only_whoever_may_administer(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url, "case.opened")
    case_id = send_form(omonat)
    now, endpoint_id = omonat.clock.now(), made.endpoint.endpoint_id
    officer = omonat.staff.get_by_name("Officer")
    acts = [
        lambda: omonat.webhooks.add(there.url, EVENTS, actor=officer, now=now),
        lambda: omonat.webhooks.change(
            endpoint_id, url=there.url, events=EVENTS, description="", actor=officer, now=now
        ),
        lambda: omonat.webhooks.rotate(endpoint_id, actor=officer, now=now),
        lambda: omonat.webhooks.switch(endpoint_id, on=False, actor=officer, now=now),
        lambda: omonat.webhooks.remove(endpoint_id, actor=officer, now=now),
        lambda: omonat.webhook_deliveries.test(endpoint_id, actor=officer, now=now),
        lambda: omonat.webhook_deliveries.repeat(only(omonat, made).delivery_id, actor=officer, now=now),
    ]
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    assert omonat.webhooks.get(endpoint_id) == made.endpoint and omonat.rights.get_case(case_id).state == "open"


@pytest.mark.parametrize("url", [
    "ftp://example.uz/x", "http://crm.example.uz/x", "https://user:word@crm.example.uz/x", "https://", "crm.example.uz",
    "https://crm.example.uz/#x", "https://crm.example.uz\\@127.0.0.1/", "https://crm.example.uz /x", "https://[::1", "",
])  # fmt: skip
def test_an_address_that_cannot_be_called_is_refused(omonat: Omonat, admin: StaffAccount, url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        add(omonat, admin, url)
    assert set(refused.value.problems) == {"url"}
    with pytest.raises(InvalidInput):
        omonat.webhooks.add("https://crm.example.uz/x", ["case.nonsense"], actor=admin, now=omonat.clock.now())


def test_a_form_sent_twice_makes_one_endpoint(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    chosen = new_id()
    omonat.webhooks.add(there.url, EVENTS, actor=admin, now=omonat.clock.now(), endpoint_id=chosen)
    with pytest.raises(InvalidInput):
        omonat.webhooks.add(there.url, EVENTS, actor=admin, now=omonat.clock.now(), endpoint_id=chosen)
    assert len(omonat.webhooks.all()) == 1


def test_what_is_off_or_removed_gets_nothing(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url, "case.opened")
    endpoint_id, now = made.endpoint.endpoint_id, omonat.clock.now()
    send_form(omonat)
    omonat.webhooks.switch(endpoint_id, on=False, actor=admin, now=now)
    assert work(omonat) == 1 and there.came == [] and only(omonat, made).problem == "switched_off"
    with pytest.raises(Conflict):
        omonat.webhook_deliveries.test(endpoint_id, actor=admin, now=now)
    omonat.webhooks.switch(endpoint_id, on=True, actor=admin, now=now)
    send_form(omonat)
    omonat.webhooks.remove(endpoint_id, actor=admin, now=now)
    assert work(omonat) == 1 and there.came == []
    with pytest.raises(NotFound):
        omonat.webhooks.get(endpoint_id)


def test_a_test_event_means_nothing_but_arrives(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url, "case.opened")
    omonat.webhook_deliveries.test(made.endpoint.endpoint_id, actor=admin, now=omonat.clock.now())
    work(omonat)
    (event,) = there.events(made.secret.reveal())
    assert event.type == "webhook.test" and event.data == {"endpoint": str(made.endpoint.endpoint_id)}


def test_too_much_at_once_waits_its_turn(omonat: Omonat, admin: StaffAccount, there: Receiver) -> None:
    made = add(omonat, admin, there.url, "case.opened")
    send_form(omonat)
    slots = omonat.webhook_deliveries._slots
    with slots.of(made.endpoint.endpoint_id), slots.of(made.endpoint.endpoint_id):
        work(omonat)
    waits = only(omonat, made)
    assert there.came == [] and (waits.state, waits.tries, waits.turn) == ("waiting", 0, 2)
    assert work(omonat, later=timedelta(seconds=6)) == 1 and only(omonat, made).state == "arrived"


# --- the sender -----------------------------------------------------------------------------------------------------


def test_a_receiver_that_says_nothing_is_left(there: Receiver) -> None:
    there.answers = [HANG]
    assert Sender(dev=True, seconds=0.5).send(there.url, {}, b"{}") == Answer(None, "timeout")


def test_nobody_listens_there(there: Receiver) -> None:
    there.close()
    assert Sender(dev=True).send(there.url, {}, b"{}") == Answer(None, "unreachable")


def test_steps_of_a_case_are_told_though_the_ledger_does_not_hold_them(
    omonat: Omonat, admin: StaffAccount, there: Receiver
) -> None:
    made = add(omonat, admin, there.url, "case.assigned", "case.reopened", "case.closed")
    case_id, now = send_form(omonat), omonat.clock.now()
    worker = omonat.staff.add("Madina", roles=["support"], os_user=None, now=now)
    omonat.support.desk.assign(case_id, worker, worker.staff_id, now=now)
    omonat.rights.close_case(case_id, worker.actor, "answered", reason="", now=now)
    work(omonat)
    told = [(event.type, event.data["case"]) for event in there.events(made.secret.reveal())]
    assert told == [("case.assigned", str(case_id)), ("case.closed", str(case_id))]
