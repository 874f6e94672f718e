"""Pulling the plug: kill -9 in a stream of acts, and at each seam of the sagas and of the outbox.

Afterwards everything that was answered with success is there, nothing half-done stays, and `omonat verify` passes.
"""

import base64
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from harness.installation import in_days, new_installation
from harness.kill_at import CREATE, ERASE, ERASE_CASE, ERASE_MANY, INTEGRATE, OUTBOX
from harness.people import Invented, Visitor, case_of, invent
from harness.rig import Rig
from harness.server import Server
from harness.wholeness import active_ids, assert_whole, erased_ids, key_owners


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp("kill")
    made = Rig(folder, new_installation(folder / "installation", adopt=False))
    yield made
    made.server.stop()


def _callback(visitor: Visitor, person: Invented) -> str:
    return case_of(visitor.send_form("callback", {"name": person.name, "phone": person.phone}))


# --- at each seam ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seam", CREATE)
def test_killed_while_a_person_comes_to_be(rig: Rig, seam: str) -> None:
    visitor, person = Visitor(rig.server), invent()
    form = visitor.form_to(visitor.get("/callback"), "/callback")
    fields = {**form.fields, "name": person.name, "phone": person.phone}
    before = len(active_ids(rig.installation))
    rig.die_at(seam, lambda: visitor.post("/callback", fields))
    came = len(active_ids(rig.installation)) - before
    assert came == (1 if seam == "create.rows_committed" else 0)
    thanks = visitor.post("/callback", fields)  # the person presses the button again: taken once
    assert thanks.url.path.endswith("/thanks")
    assert len(active_ids(rig.installation)) - before == 1
    assert_whole(rig.server)


@pytest.mark.parametrize("seam", ERASE)
def test_killed_while_a_browser_takes_its_form_back(rig: Rig, seam: str) -> None:
    visitor = Visitor(rig.server)
    subject_id = rig.subject_of(_callback(visitor, invent()))
    rig.die_at(seam, lambda: visitor.send("/disagree", erase="on"))
    begun = seam not in ("erase.nothing_yet", "erase.half_of_the_intention")
    assert (subject_id in erased_ids(rig.installation)) == begun
    assert (subject_id in active_ids(rig.installation)) == (not begun)
    statement = "SELECT scrubbed_at IS NOT NULL FROM destruction WHERE subject_id = ?"
    assert rig.installation.rows(statement, subject_id) == [(1,)] * begun, "not scrubbed before the first request"
    assert_whole(rig.server)


@pytest.mark.parametrize("seam", [*ERASE, *ERASE_CASE])
def test_killed_while_a_signed_in_person_is_erased(rig: Rig, seam: str) -> None:
    visitor, person = Visitor(rig.server), invent()
    subject_id = rig.subject_of(_callback(visitor, person))
    visitor.sign_in(person.phone)
    rig.die_at(seam, lambda: visitor.send("/my/delete", sure="on"))
    begun = seam not in ("erase.nothing_yet", "erase.half_of_the_intention")
    assert (subject_id in erased_ids(rig.installation)) == begun
    assert_whole(rig.server)
    statement = "SELECT count(*) FROM subject_case WHERE subject_id = ? AND kind = 'erase' AND state = 'done'"
    assert rig.installation.rows(statement, subject_id) == [(int(begun),)]


@pytest.mark.parametrize(
    "seam",
    ["erase.half_of_the_intention", "erase.tombstone_written", "erase.keys_destroyed", "erase.half_of_the_rows",
     *ERASE_MANY],
)  # fmt: skip
def test_killed_while_a_sweep_destroys_many_together(rig: Rig, seam: str) -> None:
    visitor = Visitor(rig.server)
    subjects = [rig.subject_of(_callback(visitor, invent())) for _ in range(3)]
    held = f"SELECT count(*) FROM record WHERE subject_id IN ({', '.join('?' * len(subjects))})"
    rig.command_dies_at(seam, "retention", "sweep", days=800)
    begun = seam != "erase.half_of_the_intention"
    assert (rig.installation.rows(held, *subjects) == [(0,)]) == begun
    assert_whole(rig.server)


@pytest.mark.parametrize("seam", OUTBOX)
def test_killed_between_wanting_and_doing(rig: Rig, seam: str) -> None:
    visitor, person = Visitor(rig.server), invent()
    _callback(visitor, person)
    before = len(rig.server.codes())
    rig.die_at(seam, lambda: visitor.send("/my/sign-in", identifier=person.phone))
    if "__Host-omonat_session" not in visitor.cookies:  # the answer was lost with the server: the person asks again
        before = len(rig.server.codes())
        visitor.send("/my/sign-in", identifier=person.phone)
    assert_whole(rig.server)
    assert _signs_in(visitor, rig.server.codes()[before:])


def _signs_in(visitor: Visitor, codes: list[str]) -> bool:
    """One of the codes that were sent opens the page."""
    assert codes, "no code was sent"
    return any(
        visitor.send("/my/code", code=code).url.path.endswith("/my") for code in dict.fromkeys(reversed(codes))
    )  # fmt: skip


@pytest.mark.parametrize("seam", INTEGRATE)
def test_killed_while_events_get_their_place_in_the_tree(rig: Rig, seam: str, tmp_path: Path) -> None:
    rig.installation.run("verify", "--save", str(tmp_path / "kept"))
    sent: list[str] = []
    rig.die_at(seam, lambda: sent.append(_callback(Visitor(rig.server), invent())))
    assert_whole(rig.server)
    rig.installation.run("verify", "--checkpoint", str(tmp_path / "kept"))  # it grew out of the tree of before
    assert all(rig.subject_of(case) in active_ids(rig.installation) for case in sent)


def test_keys_that_belong_to_nobody_are_swept_after_their_grace(rig: Rig) -> None:
    visitor, person = Visitor(rig.server), invent()
    form = visitor.form_to(visitor.get("/callback"), "/callback")
    fields = {**form.fields, "name": person.name, "phone": person.phone}
    rig.die_at("create.keys_made", lambda: visitor.post("/callback", fields))
    assert key_owners(rig.installation) - active_ids(rig.installation)
    rig.server.stop()
    rig.server.env = in_days(1 / 48)
    rig.server.start()
    assert key_owners(rig.installation) == active_ids(rig.installation)
    rig.server.env = {}
    rig.server.restart()
    rig.installation.run("verify")


# --- in a stream ----------------------------------------------------------------------------------------------------


class Answered(NamedTuple):
    """What was answered with success, by everybody together."""

    forms: list[str]  # case numbers
    choices: list[str]  # ids of visitors
    erased: list[str]  # case numbers


def _stream(server: Server, done: Answered, ended: threading.Event) -> list[threading.Thread]:
    def forms() -> None:
        visitor = Visitor(server)
        done.forms.append(_callback(visitor, invent()))

    def choices() -> None:
        visitor = Visitor(server)
        visitor.send("/cookies", choice=random.choice(["accept", "refuse"]))
        done.choices.append(_visitor_id(visitor.cookies["__Host-omonat_choice"]))

    def erasures() -> None:
        visitor = Visitor(server)
        case_id = _callback(visitor, invent())
        answer = visitor.send("/disagree", erase="on")
        assert "outcome=erased" in str(answer.url), answer.url
        done.erased.append(case_id)

    return [threading.Thread(target=_again_and_again, args=(act, ended)) for act in (forms, forms, choices, erasures)]


def _again_and_again(act: Callable[[], None], ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            act()
        except httpx.TransportError:
            time.sleep(0.05)  # the server is dead: nothing was answered


def _visitor_id(cookie: str) -> str:
    value = cookie.partition(".")[0]
    choice = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
    return str(choice["visitor_id"]).replace("-", "")


def test_killed_in_a_stream_of_forms_choices_and_erasures(server: Server) -> None:
    done = Answered([], [], [])
    for _ in range(3):
        ended = threading.Event()
        threads = _stream(server, done, ended)
        for thread in threads:
            thread.start()
        _wait_for_more(done, 8)
        time.sleep(random.uniform(0, 0.3))
        server.kill9()
        ended.set()
        for thread in threads:
            thread.join()
        server.start()
        _assert_kept(server, done)
        assert_whole(server)


def _wait_for_more(done: Answered, count: int) -> None:
    wanted = [len(answers) + (count if answers is done.forms else 2) for answers in done]
    end = time.monotonic() + 60
    while any(len(answers) < least for answers, least in zip(done, wanted, strict=True)):
        assert time.monotonic() < end, "the stream has run dry"
        time.sleep(0.02)


def _assert_kept(server: Server, done: Answered) -> None:
    installation = server.installation
    held = dict(installation.rows("SELECT case_id, subject_id FROM subject_case"))
    active, erased = active_ids(installation), erased_ids(installation)
    assert {held[case.replace("-", "")] for case in done.forms} <= active
    assert {held[case.replace("-", "")] for case in done.erased} <= erased
    said = {row[0] for row in installation.rows("SELECT subject_id FROM consent_event WHERE purpose = 'improve'")}
    assert set(done.choices) <= said & active
    sealed = {row[0] for row in installation.rows("SELECT subject_id FROM record")}
    assert {held[case.replace("-", "")] for case in done.forms} <= sealed
