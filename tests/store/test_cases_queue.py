"""Several cases at once, the queue with its views, and letters to the staff (3.1, 10.1)."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from harness.cases import MAIL, PHONE, Office, counted
from harness.rights import new_people
from omonat.kernel.errors import Denied, InvalidInput, NotFound
from omonat.kernel.ids import new_id
from omonat.notify import Message
from omonat.storage import Database
from omonat.storage.schema import subject_case
from omonat.support import CaseFilter, read_filter


@pytest.fixture
def office(database: Database, key_database: Database, tmp_path: Path) -> Office:
    return Office(new_people(database, key_database, tmp_path))


# --- several at once ------------------------------------------------------------------------------------------------


def test_several_are_given_at_once_with_a_result_each_and_taken_back(office: Office) -> None:
    cases = [office.message(f"p{number}@example.uz")[1] for number in range(3)]
    ids = [each.case_id for each in cases]
    office.support.desk.assign(ids[0], office.anna, office.anna.staff_id, now=office.now)
    office.support.desk.close(ids[2], office.anna, "answered", now=office.now)
    office.deliver()
    office.mail.messages.clear()
    words = {"to": str(office.bek.staff_id)}
    done = office.support.bulk.carry_out(office.anna, "assign", words, [*ids, str(new_id())], now=office.now)
    assert [each.result for each in done.results] == ["done", "done", "case_closed", "not_found"]
    office.deliver()
    [letter] = office.mail.messages  # one letter for all
    assert ids[0][-12:] in letter.text and ids[1][-12:] in letter.text and ids[2][-12:] not in letter.text
    office.support.desk.assign(ids[1], office.bek, office.bek.staff_id, now=office.now)
    with pytest.raises(NotFound):
        office.support.bulk.undo(office.bek, done.bulk_id, now=office.now)
    back = office.support.bulk.undo(office.anna, done.bulk_id, now=office.now)
    assert [each.result for each in back.results] == ["undone", "undone", "case_closed", "not_found"]
    rows = {str(row.case_id): row.assigned_name for row in office.support.queue.rows([UUID(each) for each in ids])}
    assert rows == {ids[0]: "Anna", ids[1]: None, ids[2]: None}
    with pytest.raises(Denied):
        office.support.bulk.undo(office.anna, done.bulk_id, now=office.now)


def test_what_another_changed_since_is_not_taken_back(office: Office) -> None:
    _subject, case = office.message()
    words = {"to": str(office.bek.staff_id)}
    done = office.support.bulk.carry_out(office.anna, "assign", words, [case.case_id], now=office.now)
    office.support.desk.assign(case.case_id, office.bek, office.anna.staff_id, now=office.now)
    back = office.support.bulk.undo(office.anna, done.bulk_id, now=office.now)
    assert [each.result for each in back.results] == ["kept:changed_since"]


def test_several_are_closed_at_once_and_opened_again_within_the_hour(office: Office) -> None:
    ids = [office.message(f"p{number}@example.uz")[1].case_id for number in range(2)]
    words = {"outcome": "answered"}
    done = office.support.bulk.carry_out(office.anna, "close", words, ids, now=office.now)
    assert {office.rights.get_case(each).state for each in ids} == {"done"}
    assert [each.result for each in office.support.bulk.get(office.anna, done.bulk_id).results] == ["done", "done"]
    office.support.bulk.undo(office.anna, done.bulk_id, now=office.now)
    assert {office.rights.get_case(each).state for each in ids} == {"open"}
    again = office.support.bulk.carry_out(office.anna, "close", words, ids, now=office.now)
    office.people.later(hours=1, minutes=1)
    with pytest.raises(Denied):
        office.support.bulk.undo(office.anna, again.bulk_id, now=office.now)


def test_an_act_on_several_that_cannot_be_meant_is_refused(office: Office) -> None:
    _subject, case = office.message()
    wrong: list[tuple[str, dict[str, str], list[str]]] = [
        ("erase", {}, [case.case_id]), ("close", {"outcome": "vanished"}, [case.case_id]),
        ("close", {"outcome": "refused"}, [case.case_id]), ("assign", {"to": "x"}, [case.case_id]),
        ("assign", {"to": ""}, []), ("assign", {"to": ""}, [str(new_id()) for _ in range(41)]),
    ]  # fmt: skip
    for act, words, ids in wrong:
        with pytest.raises(InvalidInput):
            office.support.bulk.carry_out(office.anna, act, words, ids, now=office.now)


# --- the queue ------------------------------------------------------------------------------------------------------


def fill(office: Office, count: int) -> None:
    """Many cases straight into the table: due one after another, every third given to Anna."""
    subject_id, _case = office.message()
    now = office.now
    rows = [
        {
            "subject_id": subject_id, "case_id": new_id(), "kind": ("contact", "complain")[number % 2],
            "state": ("open", "open", "open", "done")[number % 4], "opened_at": now - timedelta(minutes=number),
            "due_at": now + timedelta(minutes=number - count // 2), "term": "contact_answer",
            "details": {"form": "contact"}, "event_id": new_id(), "form": "contact",
            "assigned_to": office.anna.staff_id if number % 3 == 0 else None,
        }
        for number in range(count)
    ]  # fmt: skip
    office.database.write(lambda tx: tx.execute(subject_case.insert(), rows))


def test_the_queue_of_five_thousand_is_paged_and_counted_in_the_database(office: Office) -> None:
    fill(office, 5000)
    queue, now = office.support.queue, office.now
    with counted(office.database) as asked:
        page = queue.page(CaseFilter(), now=now, me=office.anna.staff_id)
        further = queue.page(CaseFilter(), now=now, me=office.anna.staff_id, after=page.after)
        counts = queue.counts(now=now, me=office.anna.staff_id)
    selects = [each for each in asked if each.startswith(("SELECT", "WITH"))]
    assert len(selects) == 3
    assert len(page.rows) == len(further.rows) == 40
    due = [row.due_at for row in page.rows + further.rows]
    assert due == sorted(due) and len({row.case_id for row in page.rows + further.rows}) == 80
    assert counts.open == 3751 and counts.closed == 1000  # counted no further
    assert counts.open == counts.nobody + counts.mine and 0 < counts.overdue < counts.open


@pytest.mark.parametrize("tab", ["open", "overdue", "soon", "mine", "nobody", "closed"])
@pytest.mark.parametrize("sort", ["due", "opened"])
def test_every_tab_holds_what_it_says_in_its_order_without_gaps(office: Office, tab: str, sort: str) -> None:
    fill(office, 97)
    queue, now, me = office.support.queue, office.now, office.anna.staff_id
    rows, after = [], ""
    while True:
        page = queue.page(CaseFilter(tab=tab, sort=sort), now=now, me=me, after=after, limit=10)
        rows += page.rows
        if not (after := page.after):
            break
    assert len(rows) == getattr(queue.counts(now=now, me=me), tab) == len({row.case_id for row in rows})
    wanted = {
        "open": lambda row: row.state == "open", "closed": lambda row: row.state != "open",
        "overdue": lambda row: row.is_overdue(now), "mine": lambda row: row.assigned_to == me,
        "soon": lambda row: now <= row.due_at < now + timedelta(days=3), "nobody": lambda row: row.assigned_to is None,
    }[tab]  # fmt: skip
    assert rows and all(wanted(row) for row in rows)
    order = [row.opened_at for row in rows] if sort == "opened" else [row.due_at for row in rows]
    assert order == sorted(order, reverse=sort == "opened")


def test_the_queue_is_filtered_by_kind_form_member_day_and_number(office: Office) -> None:
    _subject, case = office.message()
    order = office.case(office.people.order(email="o@example.uz", phone=PHONE))
    office.support.desk.assign(case.case_id, office.anna, office.bek.staff_id, now=office.now)

    def found(**words: str) -> set[str]:
        page = office.support.queue.page(read_filter(words), now=office.now)
        return {str(row.case_id) for row in page.rows}

    both = {case.case_id, order.case_id}
    assert found() == both and found(kind="contact") == {case.case_id} and found(form="order") == {order.case_id}
    assert found(assigned=str(office.bek.staff_id)) == {case.case_id} and found(assigned="nobody") == {order.case_id}
    tomorrow = (office.now + timedelta(days=2)).date().isoformat()
    yesterday = (office.now - timedelta(days=1)).date().isoformat()
    assert found(since=yesterday) == both and found(since=tomorrow) == set()
    number = order.case_id[-12:]
    assert found(number=f"{number[:4]} {number[4:8].upper()} {number[8:]}") == {order.case_id}
    assert found(number=order.case_id) == {order.case_id} and found(kind="nonsense", tab="x", assigned="y") == both


def test_a_cursor_that_is_none_of_ours_leads_nowhere(office: Office) -> None:
    for after in ("x", "1.2", f"{10**30}.{new_id()}", f"9.{new_id()}.1"):
        with pytest.raises(NotFound):
            office.support.queue.page(CaseFilter(), now=office.now, after=after)


def test_views_are_ones_own(office: Office) -> None:
    queue, anna = office.support.queue, UUID(str(office.anna.staff_id))
    view = queue.save_view(anna, "  Shikoyatlar ", read_filter({"kind": "complain", "tab": "overdue"}), office.now)
    assert view.name == "Shikoyatlar" and view.words == {"kind": "complain", "tab": "overdue"}
    again = queue.save_view(anna, "Shikoyatlar", read_filter({"kind": "contact"}), office.now)
    assert again.view_id == view.view_id and [each.words for each in queue.views(anna)] == [{"kind": "contact"}]
    with pytest.raises(NotFound):
        queue.delete_view(UUID(str(office.bek.staff_id)), view.view_id)
    for name in ("", " ", "x" * 61):
        with pytest.raises(InvalidInput):
            queue.save_view(anna, name, CaseFilter(), office.now)
    queue.delete_view(anna, view.view_id)
    assert queue.views(anna) == ()


# --- letters to the staff -------------------------------------------------------------------------------------------


def test_the_digest_lists_what_is_overdue_or_due_soon_and_nothing_else(office: Office) -> None:
    sent: list[Message] = office.mail.messages
    office.support.mail.send_digest()
    assert sent == []
    _subject, case = office.message()
    office.support.mail.send_digest()
    assert sent == []  # due in ten days
    office.people.later(days=9)
    office.support.mail.send_digest()
    office.people.later(days=5)
    office.support.mail.send_digest()
    soon, late = sent
    assert case.case_id[-12:] in soon.text and "Muddati oʻtgan:" not in soon.text
    assert "Muddati oʻtgan:" in late.text and soon.message_id != late.message_id
    assert not any(word in each.text + each.subject for each in sent for word in ("Salom", "Ali", MAIL))


def test_a_member_with_a_mailbox_is_written_to_himself(office: Office) -> None:
    _subject, case = office.message()
    _other, other = office.message("other@example.uz")
    office.deliver()
    office.mail.messages.clear()
    office.mailboxes[office.bek.staff_id] = "bek@operator.example"
    office.support.desk.assign(case.case_id, office.anna, office.bek.staff_id, now=office.now)
    office.support.desk.assign(other.case_id, office.bek, office.anna.staff_id, now=office.now)
    office.deliver()
    told = {each.to.reveal(): each for each in office.mail.messages}
    assert case.case_id in told.pop("bek@operator.example").text
    [(operator, letter)] = told.items()  # Anna has given no mailbox
    assert operator == office.people.domain.policies.in_force().facts.operator.email and other.case_id in letter.text


def test_each_morning_a_member_gets_what_is_his(office: Office) -> None:
    _subject, case = office.message()
    _other, other = office.message("other@example.uz")
    office.mailboxes[office.bek.staff_id] = "bek@operator.example"
    office.support.desk.assign(case.case_id, office.bek, office.bek.staff_id, now=office.now)
    office.people.later(days=12)
    office.support.mail.send_digest()
    whole, own = office.mail.messages
    assert own.to.reveal() == "bek@operator.example" and whole.to.reveal() != own.to.reveal()
    assert case.case_id[-12:] in own.text and other.case_id[-12:] not in own.text
    assert case.case_id[-12:] in whole.text and other.case_id[-12:] in whole.text


def test_a_letter_about_a_further_message_goes_to_whom_the_case_is_given(office: Office) -> None:
    subject_id, case = office.message()
    office.mailboxes[office.bek.staff_id] = "bek@operator.example"
    office.support.desk.assign(case.case_id, office.bek, office.bek.staff_id, now=office.now)
    office.deliver()
    office.mail.messages.clear()
    office.support.threads.write(subject_id, case.case_id, "Yana savol", now=office.now)
    office.support.threads.write(subject_id, case.case_id, "Va yana", now=office.now)
    office.deliver()
    assert [each.to.reveal() for each in office.mail.messages] == ["bek@operator.example"] * 2
    assert len({each.message_id for each in office.mail.messages}) == 2  # a mail program shows both
