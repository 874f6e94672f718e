"""The work on cases over HTTP and in a browser: queue, thread, notes, several at once; by mouse, by keyboard alone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from harness.acts import sign_in
from harness.apart import run_apart
from harness.browser import OpenPage, axe
from harness.installation import new_installation
from harness.people import Invented, Visitor, case_of, forms_of, invent, random_word
from harness.server import Server
from harness.staff import Member, signed_in, staff_token
from omonat.app import Omonat
from omonat.kernel.ids import new_id
from omonat.storage.schema import subject_case

MESSAGE = "Xizmat narxi qancha, iltimos ayting."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(new_installation(tmp_path_factory.mktemp("cases")))
    yield running
    running.kill9()


@pytest.fixture(scope="module")
def support(server: Server) -> Member:
    return Member(server, "support", name="Nigora")


@pytest.fixture(scope="module")
def other(server: Server) -> Member:
    return Member(server, "support", name="Jasur")


def message(server: Server, text: str = MESSAGE) -> tuple[Invented, str]:
    """Somebody writes to us; the case."""
    person = invent()
    thanks = Visitor(server).send_form("contact", {"name": person.name, "email": person.email, "message": text})
    return person, case_of(thanks)


def path(case_id: str, act: str = "") -> str:
    return f"/console/cases/{case_id}" + (f"/{act}" if act else "")


def act(member: Member, case_id: str, what: str, opened: bool = False, **fields: str) -> str:
    """Send one form of the page of a case; the page that comes back."""
    shown = path(case_id) + ("?open=1" if opened else "")
    return member.send(path(case_id, what), shown_at=shown, **fields).text


# --- the queue ------------------------------------------------------------------------------------------------------


def test_the_queue_shows_cases_and_no_value_of_anybody(server: Server, support: Member) -> None:
    person, case_id = message(server)
    page = support.get("/console/cases?tab=open").text
    assert case_id in page and case_id[-12:] in page
    assert person.name not in page and person.email not in page and MESSAGE not in page


def test_a_case_is_found_by_the_number_that_is_read_aloud(server: Server, support: Member) -> None:
    _person, case_id = message(server)
    _other, other_id = message(server)
    number = case_id[-12:].upper()
    page = support.get(f"/console/cases?number={number[:4]}+{number[4:8]}+{number[8:]}").text
    assert case_id in page and other_id not in page
    assert "No case fits" in support.get("/console/cases?number=000000000000").text


def test_a_view_is_kept_used_and_deleted_by_its_owner_alone(server: Server, support: Member, other: Member) -> None:
    message(server)
    kept = support.send("/console/cases/views", shown_at="/console/cases?kind=contact", name="Xabarlar").text
    assert "The view is kept." in kept and "kind=contact" in kept
    page = support.get("/console/cases").text
    view = next(form for form in forms_of(page) if form.action.endswith("/views/delete")).fields["view"]
    theirs = next(form for form in forms_of(other.get("/console/cases").text) if form.action.endswith("/views"))
    stolen = {"csrf_token": theirs.fields["csrf_token"], "view": view}
    assert other.post("/console/cases/views/delete", stolen).status_code == 404
    long = support.send("/console/cases/views", shown_at="/console/cases", name="x" * 61)
    assert long.status_code == 422 and "x" * 61 in long.text
    assert "The view is deleted." in support.send("/console/cases/views/delete", shown_at="/console/cases").text


def test_the_list_is_a_table_that_runs_nothing(server: Server) -> None:
    dangerous = Member(server, "support", name='=HYPERLINK("http://x.example")')
    _person, case_id = message(server)
    act(dangerous, case_id, "assign", to=_own_id(dangerous))
    answer = dangerous.get("/console/cases?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    line = next(line for line in answer.text.splitlines() if case_id in line)
    assert "'=HYPERLINK" in line and ",=HYPERLINK" not in line and '"=HYPERLINK' not in line


def _own_id(member: Member) -> str:
    """The id behind the button “Take it myself”."""
    page = member.get("/console/cases").text
    any_case = re.search(r"/console/cases/([0-9a-f-]{36})", page)
    assert any_case
    form = next(form for form in forms_of(member.get(path(any_case[1])).text) if form.action.endswith("/assign"))
    return form.fields["to"]


def test_a_page_of_the_queue_is_small_and_asks_little_whatever_it_holds(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Five thousand cases: the same few statements, one page of them."""
    import httpx
    from sqlalchemy import event

    from omonat.web import cookies, create_asgi

    omonat = Omonat.open(new_installation(tmp_path_factory.mktemp("many"), adopt=False).data)
    subject_id, now = new_id(), omonat.clock.now()
    rows = [
        {
            "subject_id": subject_id, "case_id": new_id(), "kind": "contact", "state": "open", "opened_at": now,
            "due_at": now + timedelta(minutes=number - 100), "term": "contact_answer", "details": {},
            "event_id": new_id(), "form": "contact", "number": f"{number:012x}",
        }
        for number in range(5000)
    ]  # fmt: skip

    def unit(tx):  # type: ignore[no-untyped-def]
        from omonat.vault.store import insert_subjects

        insert_subjects(tx, [subject_id], "person", now)
        tx.execute(subject_case.insert(), rows)

    omonat.database.write(unit)
    token = staff_token(omonat, ["support"])
    asked: list[str] = []
    note = lambda _c, _k, statement, *_r: asked.append(statement)  # noqa: E731 - a listener

    async def look() -> list[tuple[httpx.Response, int]]:
        transport = httpx.ASGITransport(create_asgi(omonat), client=("127.0.0.1", 5000))
        found = []
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost:8080", cookies={cookies.STAFF: token}
        ) as client:
            await client.get("/en/console/cases")
            for query in ("", "?tab=overdue&sort=opened", "?kind=contact&form=contact"):
                asked.clear()
                answer = await client.get(f"/en/console/cases{query}")
                statements = [each for each in asked if not each.startswith(("PRAGMA", "BEGIN", "COMMIT"))]
                found.append((answer, len(statements)))
        return found

    event.listen(omonat.database.engine, "before_cursor_execute", note)
    answers = run_apart(look())
    event.remove(omonat.database.engine, "before_cursor_execute", note)
    omonat.close()
    for answer, statements in answers:
        assert answer.status_code == 200 and len(answer.content) < 60_000 and statements < 10
        assert answer.text.count('type="checkbox"') == 41


# --- a case ---------------------------------------------------------------------------------------------------------


def test_clause_6_2_values_are_shut_until_opened_on_purpose_and_the_person_sees_it(
    server: Server, support: Member
) -> None:
    person, case_id = message(server)
    shut = support.get(path(case_id)).text
    assert MESSAGE not in shut and person.email not in shut and "Open the messages" in shut
    opened = support.get(f"{path(case_id)}?open=1").text
    assert MESSAGE in opened and person.email in opened and person.name in opened and "omonat-tests" not in opened
    visitor = Visitor(server, "en")
    visitor.sign_in(person.email)
    assert "Nigora" in visitor.get("/my").text


def test_whose_role_may_not_state_the_purpose_is_told_why(server: Server) -> None:
    person, case_id = message(server)
    for role in ("sales", "auditor"):
        page = Member(server, role).get(f"{path(case_id)}?open=1").text
        assert "may not state the purpose" in page and MESSAGE not in page and person.email not in page


def test_clause_10_1_support_answers_and_the_person_reads_and_writes_back(server: Server, support: Member) -> None:
    person, case_id = message(server)
    answer = f"Narxi {random_word()}."
    page = act(support, case_id, "reply", opened=True, text=answer)
    assert "on its way to the person" in page and answer in page and MESSAGE in page
    visitor = Visitor(server, "en")
    visitor.sign_in(person.email)
    own = visitor.get(f"/my/cases/{case_id}").text
    assert answer in own and MESSAGE in own
    further = f"Rahmat {random_word()}"
    assert further in visitor.send(f"/my/cases/{case_id}/message", shown_at=f"/my/cases/{case_id}", text=further).text
    assert further in support.get(f"{path(case_id)}?open=1").text
    assert answer in visitor.get("/my").text
    form = visitor.form_to(visitor.get(f"/my/cases/{case_id}"), f"/my/cases/{case_id}/message")
    assert visitor.post(f"/my/cases/{case_id}/message", {**form.fields, "text": " "}).status_code == 422
    act(support, case_id, "close", outcome="answered")
    late = visitor.post(f"/my/cases/{case_id}/message", {**form.fields, "text": further})
    assert late.status_code == 409 and "write to us anew" in late.text


def test_the_answer_is_posted_and_the_staff_hear_by_number_alone(server: Server, support: Member) -> None:
    canary = random_word()
    person, case_id = message(server, f"Savol {canary}")
    answer = random_word()
    act(support, case_id, "reply", text=answer)
    while "Sent by e-mail." not in support.get(path(case_id)).text:
        assert server.answers()
    letters = "\n".join(server.letters())
    assert answer in letters and canary not in letters and person.name not in letters
    assert f"/console/cases/{case_id}" in letters


def test_a_note_is_kept_among_the_staff_and_shown_in_the_persons_data(server: Server, support: Member) -> None:
    person, case_id = message(server)
    note = random_word()
    assert note in act(support, case_id, "comment", opened=True, comment=note)
    visitor = Visitor(server, "en")
    visitor.sign_in(person.email)
    assert note not in visitor.get(f"/my/cases/{case_id}").text
    assert note in visitor.get("/my").text and "Note of our staff" in visitor.get("/my").text


def test_the_second_of_two_members_loses_nothing(server: Server, support: Member, other: Member) -> None:
    _person, case_id = message(server)
    mine, theirs = support.get(path(case_id)), other.get(path(case_id))
    first = support.form_to(mine, path(case_id, "reply"))
    second = other.form_to(theirs, path(case_id, "reply"))
    assert support.post(path(case_id, "reply"), {**first.fields, "text": "Birinchi"}).status_code == 200
    typed = f"Ikkinchi {random_word()}"
    refused = other.post(path(case_id, "reply"), {**second.fields, "text": typed})
    assert refused.status_code == 409 and "Nigora" in refused.text and typed in refused.text
    again = other.form_to(refused, path(case_id, "reply"))
    assert again.fields["text"] == typed
    assert other.post(path(case_id, "reply"), again.fields).status_code == 200


def test_a_message_that_comes_while_somebody_answers_stops_the_answer(server: Server, support: Member) -> None:
    person, case_id = message(server)
    shown = support.form_to(support.get(f"{path(case_id)}?open=1"), path(case_id, "reply"))
    visitor = Visitor(server, "en")
    visitor.sign_in(person.email)
    further = random_word()
    visitor.send(f"/my/cases/{case_id}/message", shown_at=f"/my/cases/{case_id}", text=further)
    stopped = support.post(path(case_id, "reply"), {**shown.fields, "text": "Eski javob"})
    assert stopped.status_code == 409 and "since you opened it: the person." in stopped.text
    assert further in stopped.text and "Eski javob" in stopped.text


def test_a_case_is_given_closed_and_opened_again(server: Server, support: Member) -> None:
    _person, case_id = message(server)
    assert "The case is yours." in act(support, case_id, "assign", to=_own_id(support))
    assert case_id in support.get("/console/cases?tab=mine").text
    empty = support.send(path(case_id, "close"), shown_at=path(case_id), outcome="refused", reason="")
    assert empty.status_code == 422 and "refusal needs one of the reasons" in empty.text
    closed = act(support, case_id, "close", outcome="refused", reason="not_a_demand")
    assert "leaves in an hour" in closed and case_id in support.get("/console/cases?tab=closed").text
    assert "The case is open again." in act(support, case_id, "reopen")
    assert case_id in support.get("/console/cases?tab=mine").text


def test_an_empty_or_endless_answer_is_not_sent(server: Server, support: Member) -> None:
    _person, case_id = message(server)
    for text in ("  ", "x" * 4001):
        answer = support.send(path(case_id, "reply"), shown_at=path(case_id), text=text)
        assert answer.status_code == 422 and text.strip() in answer.text
    assert "on its way" not in support.get(path(case_id)).text


def test_other_ids_are_not_there_and_other_roles_are_refused(server: Server, support: Member) -> None:
    _person, case_id = message(server)
    token = support.form_to(support.get(path(case_id)), path(case_id, "reply")).fields["csrf_token"]
    for wrong in (str(new_id()), "x", "..%2f"):
        assert support.get(path(wrong)).status_code == 404
        for what in ("reply", "comment", "assign", "close", "reopen", "send-again"):
            fields = {"csrf_token": token, "text": "x", "comment": "x", "outcome": "answered", "message": wrong}
            assert support.post(path(wrong, what), fields).status_code == 404, what
    marketing, auditor = Member(server, "marketing"), Member(server, "auditor")
    assert marketing.get(path(case_id)).status_code == 403 and marketing.get("/console/cases").status_code == 403
    page = auditor.get(path(case_id)).text
    assert not [form for form in forms_of(page) if "/cases/" in form.action]
    for what in ("reply", "comment", "assign", "close", "reopen", "send-again"):
        assert auditor.post(path(case_id, what), {"csrf_token": "x"}).status_code == 403


def test_addresses_of_buttons_lead_back_to_a_page(server: Server, support: Member) -> None:
    _person, case_id = message(server)
    for what in ("reply", "comment", "assign", "close", "reopen", "send-again"):
        assert str(support.get(path(case_id, what)).url).endswith(case_id)
    for address in ("take", "views", "views/delete", "acts/undo"):
        assert support.get(f"/console/cases/{address}").status_code == 200


# --- several at once ------------------------------------------------------------------------------------------------


def test_several_are_given_after_a_second_look_and_taken_back(server: Server, support: Member, other: Member) -> None:
    ids = [message(server)[1] for _ in range(3)]
    asked = support.get("/console/cases/bulk?act=assign&" + "&".join(f"case={each}" for each in ids))
    assert all(each in asked.text for each in ids) and "Chosen cases: 3" in asked.text
    form = support.form_to(asked, "/console/cases/bulk")
    member = next(value for value, name in re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)</option>', asked.text)
                  if name == "Jasur")  # fmt: skip
    done = support.post("/console/cases/bulk", {**form.fields, "to": member})
    assert done.text.count("badge-now") == 3 and "given to Jasur" in done.text
    assert all(each in other.get("/console/cases?tab=mine").text for each in ids)
    address = str(done.url).partition("act=")[2]
    assert other.get(f"/console/cases/acts?act={address}").status_code == 404
    back = support.post("/console/cases/acts/undo", support.form_to(done, "/console/cases/acts/undo").fields)
    assert "taken back" in back.text and not any(each in other.get("/console/cases?tab=mine").text for each in ids)
    late = support.post("/console/cases/acts/undo", support.form_to(done, "/console/cases/acts/undo").fields)
    assert late.status_code == 409
    assert "given to Jasur" in support.get("/console/cases/acts").text


def test_several_are_closed_and_what_could_not_be_done_is_said(server: Server, support: Member) -> None:
    ids = [message(server)[1] for _ in range(2)]
    act(support, ids[0], "close", outcome="answered")
    query = "&".join(f"case={each}" for each in ids)
    form = support.form_to(support.get(f"/console/cases/bulk?act=close&{query}"), "/console/cases/bulk")
    refused = support.post("/console/cases/bulk", {**form.fields, "outcome": "refused"})
    assert refused.status_code == 422 and all(each in refused.text for each in ids)
    done = support.post("/console/cases/bulk", {**form.fields, "outcome": "answered"}).text
    assert done.count("badge-now") == 1 and "not done: the case is closed" in done
    assert "No case is chosen" in support.get("/console/cases/bulk?act=close").text
    assert support.get("/console/cases/bulk?case=x").status_code == 404


# --- in a browser ---------------------------------------------------------------------------------------------------


def desk(open_page: OpenPage, server: Server, name: str, language: str = "en", **options: object) -> Page:
    omonat = Omonat.open(server.installation.data)
    token = staff_token(omonat, ["support"], name)
    omonat.close()
    page = signed_in(open_page(**options), token)
    page.goto(f"{server.url}/{language}/console/cases")
    return page


def test_support_answers_a_contact_message_by_mouse(server: Server, open_page: OpenPage) -> None:
    person, case_id = message(server)
    page = desk(open_page, server, "Malika")
    page.fill("#number", case_id[-12:])
    page.get_by_role("button", name="Find").click()
    page.click(f"a[href$='{case_id}']")
    page.get_by_role("link", name="Open the messages").click()
    expect(page.get_by_text(MESSAGE)).to_be_visible()
    answer = f"Javob {random_word()}"
    page.fill("#text", answer)
    page.check("#close")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("status")).to_contain_text("the case is closed")
    theirs = open_page(phone=True)
    sign_in(theirs, server, person.email)
    theirs.goto(f"{server.url}/uz-Latn/my/cases/{case_id}")
    expect(theirs.get_by_text(answer)).to_be_visible()
    assert axe(theirs) == []


def test_support_answers_by_keyboard_alone(server: Server, open_page: OpenPage) -> None:
    for _ in range(2):
        message(server)
    _person, case_id = message(server)
    page = desk(open_page, server, "Kamola")
    page.goto(f"{server.url}/en/console/cases?sort=opened")
    page.keyboard.press("j")  # the focus is nowhere: no key is taken
    assert page.evaluate("document.activeElement === document.body")
    _tab_to(page, "a.cases-link")
    page.keyboard.press("j")
    page.keyboard.press("k")
    focused = page.evaluate("document.activeElement.getAttribute('href')")
    assert focused.endswith(case_id)
    page.keyboard.press("x")
    assert page.locator(f"input[type=checkbox][value='{case_id}']").is_checked()
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.get_by_role("status")).to_contain_text("The case is yours.")
    _tab_to(page, "a.cases-link")
    page.keyboard.press("r")
    page.wait_for_url("**?open=1#text")
    _tab_to(page, "#text")
    page.keyboard.type("Klaviaturadan javob, j k a x ?")
    _tab_to(page, "#reply .button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("on its way")
    expect(page.get_by_text("Klaviaturadan javob, j k a x ?")).to_be_visible()


def _tab_to(page: Page, selector: str) -> None:
    """Tab until something is focused: as somebody without a mouse does."""
    for _ in range(80):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def test_keys_are_not_taken_while_somebody_types(server: Server, open_page: OpenPage) -> None:
    message(server)
    page = desk(open_page, server, "Kamola")
    page.focus("#number")
    page.keyboard.type("a/?jx")
    assert page.input_value("#number") == "a/?jx" and not page.locator("dialog").is_visible()
    page.focus("a.cases-link")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "number"


def test_several_are_given_without_a_script(server: Server, open_page: OpenPage) -> None:
    message(server)
    page = desk(open_page, server, "Kamola", java_script_enabled=False, phone=True)
    assert not page.locator("[data-keys]").is_visible()
    page.check("[data-all]")
    page.get_by_role("button", name="Give to …").click()
    page.select_option("#to", label="Kamola")
    page.get_by_role("button", name="Give these cases").click()
    assert page.locator(".badge-now").count() >= 1
    page.get_by_role("button", name="Take it back").click()
    assert page.get_by_text("taken back").count() >= 1


def test_the_list_and_a_case_are_printed_without_their_forms(server: Server, open_page: OpenPage) -> None:
    _person, case_id = message(server)
    page = desk(open_page, server, "Kamola")
    page.emulate_media(media="print")
    assert page.locator(".cases-table").is_visible() and not page.locator(".cases-bulk").is_visible()
    page.goto(f"{server.url}/en/console/cases/{case_id}?open=1")
    assert page.get_by_text(MESSAGE).is_visible() and not page.locator("#text").is_visible()


@pytest.mark.parametrize(("language", "phone", "scheme"), [("uz-Latn", True, "dark"), ("ru", False, "light")])
def test_axe_finds_nothing_where_a_case_is_worked_on(
    server: Server, open_page: OpenPage, language: str, phone: bool, scheme: str
) -> None:
    _person, case_id = message(server)
    page = desk(open_page, server, "Kamola", language, phone=phone, color_scheme=scheme)
    for address in (
        "?kind=contact", "?tab=closed", f"/{case_id}?open=1", f"/bulk?act=close&case={case_id}",
        f"/bulk?act=assign&case={case_id}", "/acts",
    ):  # fmt: skip
        page.goto(f"{server.url}/{language}/console/cases{address}")
        assert axe(page) == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    assert UUID(case_id)
