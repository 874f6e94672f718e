"""The console takes over consents from a file, and gives all of them out when two people say so (Art. 31, 6.2)."""

import csv
import io
import json
import re
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from playwright.sync_api import Page, expect

from harness.apart import run_apart
from harness.browser import OpenPage
from harness.installation import new_installation
from harness.people import random_word
from harness.server import Server
from harness.staff import Member, signed_in, staff_token
from omonat.app import Omonat
from omonat.consent import IMPORT_COLUMNS, MOST_IMPORT_BYTES, export_consents, rows_of
from omonat.consent.import_file import text_of
from omonat.kernel.codec import to_json
from omonat.web import cookies, create_asgi
from omonat.web.console.consents.words import REFUSED
from omonat.web.csrf import FIELD, session_token

PATH, EXPORT = "/console/consents/import", "/console/consents/export"
TEXT = "Men elektron pochta orqali xabar olishga roziman."
ORIGIN = "http://localhost:8080"
ENDS_WITHIN = 60
Row = dict[str, str]


class Place(NamedTuple):
    server: Server

    def member(self, *roles: str, **named: str) -> Member:
        return Member(self.server, *roles, **named)

    def use(self, act: Any) -> Any:
        omonat = Omonat.open(self.server.installation.data)
        try:
            return act(omonat)
        finally:
            omonat.close()

    def count(self, table: str) -> int:
        return int(self.server.installation.rows(f"SELECT count(*) FROM {table}")[0][0])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    server = Server(new_installation(tmp_path_factory.mktemp("consents")))
    yield Place(server)
    server.stop()


def row(**changes: str) -> Row:
    """A consent of somebody new."""
    good = {"address": f"{random_word()}@example.uz", "purpose": "news", "channel": "email", "given_at": "2026-10-01",
            "method": "sms", "language": "uz-Latn", "text": TEXT, "reference": f"sms-{random_word()}"}  # fmt: skip
    return {**good, **changes}


def table(rows: Sequence[Row], *, columns: Sequence[str] = IMPORT_COLUMNS, delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, delimiter=delimiter, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def upload(member: Member, content: bytes, **changes: str) -> httpx.Response:
    """The file sent with the form of the page, as a browser does; the page of the file once it was looked at."""
    form = member.form_to(member.get(PATH), PATH)
    cookie = "; ".join(f"{key}={value}" for key, value in member.cookies.items())
    headers = {"Origin": member.server.url, "Cookie": cookie}
    with member.server.client(headers=headers, follow_redirects=False) as client:
        answer = client.post(form.action, data={**form.fields, **changes}, files={"file": ("consents.csv", content)})
    return ended(member, member.get(answer.headers["location"])) if answer.is_redirect else answer


def ended(member: Member, answer: httpx.Response) -> httpx.Response:
    """The page once the dispatcher of the server is through."""
    until = time.monotonic() + ENDS_WITHIN
    while "data-reload" in answer.text:
        assert time.monotonic() < until, answer.text
        time.sleep(0.1)
        answer = member.get(answer.url.path)
    return answer


def act(member: Member, shown: httpx.Response, name: str) -> httpx.Response:
    """Press the button of a file's page that leads to `name`."""
    path = f"{shown.url.path.removeprefix('/en')}/{name}"
    return ended(member, member.post(path, member.form_to(shown, path).fields))


def figures(shown: httpx.Response) -> list[int]:
    """Taken, known, refused."""
    return [int(number) for number in re.findall(r'console-figure">(\d+)<', shown.text)]


# --- taking over ------------------------------------------------------------------------------------------------------


def test_a_file_is_looked_at_then_taken_over_once_and_lies_nowhere_after(place: Place) -> None:
    officer, good = place.member("privacy_officer"), row()
    wrong = row(address="nobody")
    content = table([good, good, wrong])
    before = place.count("consent_event")
    shown = upload(officer, content)
    assert figures(shown) == [1, 1, 1]
    assert re.search(r'<td class="number">4</td><td>This is no e-mail address or phone number.</td>', shown.text)
    assert "Take over the consents: 1" in shown.text
    assert place.count("consent_event") == before, "looking stores nothing"
    await_files(place, 1)
    taken = act(officer, shown, "take")
    assert figures(taken) == [1, 1, 1]
    assert place.count("consent_event") == before + 1
    await_files(place, 0)
    again = upload(officer, content)
    assert figures(again) == [0, 2, 1]
    assert "nothing in the file that could be taken over" in again.text
    assert act(officer, again, "drop").url.path == f"/en{PATH}"
    corrected = act(officer, upload(officer, table([good, {**wrong, "address": row()["address"]}])), "take")
    assert figures(corrected) == [1, 1, 0]
    assert place.count("consent_event") == before + 2
    late = officer.post(
        f"{taken.url.path.removeprefix('/en')}/drop", officer.form_to(taken, "/console/sign-out").fields
    )
    assert figures(late) == figures(taken) and "It is stopped" not in late.text, "what has ended is not stopped"
    for page in (shown, taken, again, corrected, officer.get(PATH), officer.get(f"{PATH}?format=csv")):
        assert not any(value in page.text for value in (good["address"], good["reference"], TEXT))
    listed = officer.get(f"{taken.url.path.removeprefix('/en')}?format=csv").text
    assert "4,This is no e-mail address" in listed


def await_files(place: Place, number: int) -> None:
    """So many files lie sealed, each with its key; the one that was just taken over goes a moment after its job."""
    until = time.monotonic() + ENDS_WITHIN
    while held(place) != (number, number):
        assert time.monotonic() < until, held(place)
        time.sleep(0.1)


def held(place: Place) -> tuple[int, int]:
    keys = place.server.installation.key_rows("SELECT name FROM secret WHERE name LIKE 'passing:%'")
    return place.count("job_run WHERE sealed_result IS NOT NULL"), len(keys)


def test_what_is_uploaded_lies_nowhere_in_the_clear(place: Place) -> None:
    """More than a megabyte, which web frameworks like to lay into a temporary file."""
    officer, word = place.member("privacy_officer"), random_word()
    rows = [row(address=f"{word}{number}@example.uz", text=TEXT * 400) for number in range(60)]
    content = table(rows)
    assert len(content) > 1_000_000
    shown = upload(officer, content)
    assert figures(shown) == [60, 0, 0]
    found = [path for path in place.server.installation.files() if word.encode() in path.read_bytes()]
    assert found == []
    dropped = act(officer, shown, "drop")
    assert "The file is thrown away." in dropped.text
    await_files(place, 0)
    gone = officer.get(shown.url.path.removeprefix("/en"))
    assert "The file is not here any more" in gone.text


WRONG = {  # what is said of it
    "Choose a file.": b"",
    "has no row under": table([]),
    "not text in UTF-8": table([row(text="Согласен")]).decode().encode("cp1251"),
    "lacks the columns: purpose, text.": table([row()], columns=[*IMPORT_COLUMNS[:1], *IMPORT_COLUMNS[2:6]]),
    "is larger than 5 MB": table([row()]) + b" " * MOST_IMPORT_BYTES,
    "is no table from line 2 on": table([row()]) + b'"' + b"x" * 140_000,
}  # fmt: skip


def test_a_file_that_cannot_be_read_says_why_and_is_not_kept(place: Place) -> None:
    officer = place.member("privacy_officer")
    before = place.count("job_run")
    for said, content in WRONG.items():
        answer = upload(officer, content)
        assert answer.status_code == 422 and said in answer.text, said
    too_much = upload(officer, b"x" * (2 * MOST_IMPORT_BYTES + 1))
    assert too_much.status_code == 413 and "is larger than 5 MB" in too_much.text
    assert place.count("job_run") == before


def test_a_file_needs_the_token_of_the_page(place: Place) -> None:
    before = place.count("job_run")
    answer = upload(place.member("privacy_officer"), table([row()]), csrf_token="guessed")
    assert answer.status_code == 403
    assert place.count("job_run") == before


@pytest.mark.parametrize("language", ["uz-Latn", "uz-Cyrl", "ru", "en"])
def test_the_template_can_be_taken_as_it_is(place: Place, language: str) -> None:
    template = place.member("support", language=language).get(f"{PATH}?format=csv&part=template")
    assert template.headers["content-type"].startswith("text/csv")

    def looked_at(omonat: Omonat) -> list[str]:
        rows = rows_of(text_of(template.content))
        return [
            one.outcome for one in omonat.consent_import.take(rows, actor="tests", now=omonat.clock.now(), dry_run=True)
        ]

    assert place.use(looked_at) == ["taken"]


def test_only_whoever_uploaded_a_file_takes_it_over(place: Place) -> None:
    officer, colleague = place.member("privacy_officer"), place.member("support")
    shown = upload(officer, table([row()]))
    path = shown.url.path.removeprefix("/en")
    seen = colleague.get(path)
    assert figures(seen) == [1, 0, 0] and "Only whoever uploaded" in seen.text
    token = colleague.form_to(colleague.get(PATH), PATH).fields
    assert [colleague.post(f"{path}/{name}", token).status_code for name in ("take", "drop")] == [404, 404]
    assert act(officer, shown, "drop").status_code == 200


def test_each_role_sees_what_its_rights_name_and_a_stranger_signs_in(place: Place) -> None:
    with place.server.client(follow_redirects=False) as stranger:
        led_to = {stranger.get(f"/en{path}").headers["location"].partition("?")[0] for path in (PATH, EXPORT)}
    assert led_to == {"/en/console/sign-in"}
    open_to = {
        role: [place.member(role).get(path).status_code == 200 for path in (PATH, EXPORT)]
        for role in ("privacy_officer", "support", "auditor", "marketing")
    }
    assert open_to == {
        "privacy_officer": [True, True], "support": [True, False], "auditor": [False, True],
        "marketing": [False, False],
    }  # fmt: skip


def test_every_code_of_a_row_has_its_words() -> None:
    from inspect import getsource

    from omonat.consent import importing

    codes = set(re.findall(r'RowRefused\("(\w+)"\)|else "(unknown_channel)"', getsource(importing)))
    named = {one for pair in codes for one in pair if one} | {
        f"wrong_{name}" for name in ("method", "given_by", "reference")
    }
    assert len(named) > 12
    assert named - set(REFUSED) == set()


# --- giving out -------------------------------------------------------------------------------------------------------


def test_two_people_answer_for_an_export_and_each_line_proves_itself(place: Place) -> None:
    first, second = place.member("privacy_officer", name="First"), place.member("auditor", name="Second")
    act(first, upload(first, table([row(reference="sms-88")])), "take")
    without = first.send(EXPORT, reason=" ")
    assert without.status_code == 422 and "A reason is needed." in without.text
    asked = first.send(EXPORT, reason="inspection")
    (approval,) = re.findall(r"/console/approvals/([0-9a-f-]{36})", asked.text)
    fetch = f"{EXPORT}/{approval}/fetch"
    assert fetch not in asked.text and "second person has to approve" in asked.text
    token = first.form_to(asked, "/console/sign-out").fields
    assert first.post(fetch, token).status_code == 409, "not before it is approved"
    own = first.get(f"/console/approvals/{approval}")
    assert "/approve" not in own.text
    approved = second.send(f"/console/approvals/{approval}/approve", shown_at=f"/console/approvals/{approval}")
    assert "The person who asked can carry it out now." in approved.text
    assert second.post(fetch, second.form_to(approved, "/console/sign-out").fields).status_code == 404, "not his"
    assert "To the download" in first.get(f"/console/approvals/{approval}").text
    file = first.send(fetch, shown_at=EXPORT)
    assert file.status_code == 200 and file.headers["content-disposition"].endswith('.jsonl"')
    assert without_places(file.content) == without_places(place.use(_as_the_command_writes))
    lines = [json.loads(line) for line in file.text.splitlines()]
    (consent,) = [line for line in lines if line["kind"] == "consent" and line["evidence"]["reference"] == "sms-88"]
    assert sha256(consent["entry"]["event"].encode()).hexdigest() == consent["entry"]["hash"]
    (text,) = [line for line in lines if line["kind"] == "text" and line["hash"] == consent["text_hash"]]
    assert text["text"] == TEXT and sha256(TEXT.encode()).hexdigest() == text["hash"]
    assert "example.uz" not in file.text
    assert first.post(fetch, token).status_code == 409, "once"
    noted = place.server.installation.rows("SELECT body FROM ledger_event WHERE kind = 'consents_exported'")
    assert any(json.loads(body)["facts"]["actor"] == "staff:First" for (body,) in noted)


def without_places(lines: bytes) -> bytes:
    """An entry gets its place in the tree within a second: it may come between the one and the other."""
    return re.sub(rb'"position":(null|\d+)', b"", lines)


def _as_the_command_writes(omonat: Omonat) -> bytes:
    lines = export_consents(omonat.database, omonat.ledger, actor="tests", now=omonat.clock.now())
    return b"".join(to_json(line) + b"\n" for line in lines)


def test_where_nobody_else_may_the_answer_is_the_file_and_the_ledger_says_alone(tmp_path: Path) -> None:
    installation = new_installation(tmp_path, adopt=False)
    omonat = Omonat.open(installation.data)
    (only,) = omonat.staff.list()
    token = staff_token(omonat, only.roles, only.name)
    sent = {"reason": "inspection", FIELD: session_token(token)}

    async def ask() -> tuple[httpx.Response, httpx.Response]:
        transport = httpx.ASGITransport(create_asgi(omonat), client=("127.0.0.1", 5000))
        async with httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, cookies={cookies.STAFF: token}, headers={"Origin": ORIGIN}
        ) as client:
            return await client.get(f"/en{EXPORT}"), await client.post(f"/en{EXPORT}", data=sent)

    page, file = run_apart(ask())
    omonat.close()
    assert "Nobody else has this right" in page.text
    assert file.status_code == 200 and file.headers["content-type"].startswith("application/x-ndjson")
    bodies = [json.loads(body)["facts"] for (body,) in installation.rows(
        "SELECT body FROM ledger_event WHERE kind IN ('approval_carried_out', 'consents_exported') ORDER BY at, kind"
    )]  # fmt: skip
    assert [facts.get("alone") for facts in bodies] == [True, None]


# --- in a browser -----------------------------------------------------------------------------------------------------


def test_officers_import_correct_approve_and_download(place: Place, open_page: OpenPage) -> None:
    url = place.server.url
    names = {
        name: place.use(lambda omonat, name=name: staff_token(omonat, ["privacy_officer"], name))
        for name in ("Lola", "Karim")
    }
    lola, karim = (signed_in(open_page(), names[name]) for name in ("Lola", "Karim"))
    lola.goto(f"{url}/en/console")
    lola.get_by_role("link", name="Import consents").locator("visible=true").click()
    wrong, good = row(given_at="01.10.2026"), row()
    _choose(lola, table([good, wrong], delimiter=";"))
    expect(lola.get_by_role("cell", name="The day is not written like 2026-10-01.")).to_be_visible()
    lola.get_by_role("button", name="Take over the consents: 1").click()
    expect(lola.get_by_text("Taking it over: done")).to_be_visible()
    lola.get_by_role("link", name="To another file").click()
    _choose(lola, table([good, {**wrong, "given_at": "2026-10-01"}], delimiter=";"))
    lola.get_by_role("button", name="Take over the consents: 1").click()
    expect(lola.get_by_text("Taking it over: done")).to_be_visible()
    expect(lola.locator(".console-figure")).to_have_text(["1", "1", "0"])
    lola.get_by_role("link", name="Export consents").locator("visible=true").click()
    lola.get_by_label("Reason").fill("inspection of 12 October")
    lola.get_by_role("button", name="Ask a second person").click()
    expect(lola.get_by_role("status")).to_contain_text("A second person has to approve this.")
    karim.goto(f"{url}/en/console/approvals")
    karim.get_by_role("link", name="Download all consents with their proofs").first.click()
    karim.get_by_role("button", name="Approve and carry out").click()
    expect(karim.get_by_role("status")).to_contain_text("Approved.")
    lola.reload()
    with lola.expect_download() as download:
        lola.get_by_role("button", name="Download the file").click()
    lines = [json.loads(line) for line in download.value.path().read_text("utf-8").splitlines()]
    assert {good["reference"], wrong["reference"]} <= {
        line["evidence"]["reference"] for line in lines if line["kind"] == "consent"
    }


def _choose(page: Page, content: bytes) -> None:
    page.locator("#file").set_input_files([{"name": "consents.csv", "mimeType": "text/csv", "buffer": content}])
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_text("Looking at it: done")).to_be_visible()
