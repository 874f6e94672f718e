"""`omonat keys rotate` beside a running server: killed at each seam, and in a stream of forms and erasures."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.installation import Installation, clean_environment, new_installation
from harness.kill_at import ROTATE
from harness.people import Invented, Visitor, case_of, invent
from harness.places import REPOSITORY
from harness.server import Server
from harness.wholeness import active_ids, assert_whole, erased_ids
from omonat.crypto import key_name

KILL_AT = REPOSITORY / "tests" / "harness" / "kill_at.py"
WRAPPED = "SELECT wrapped FROM subject_key UNION ALL SELECT wrapped FROM secret"
EVENTS = "SELECT count(*) FROM ledger_event WHERE kind = 'key_rotated'"
PEOPLE = 5
NOT_BEGUN = ("rotate.nothing_yet", "rotate.key_half_made", "rotate.key_made")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that runs through all of it, with some people."""
    running = Server(new_installation(tmp_path_factory.mktemp("rotation") / "installation", adopt=False))
    for _ in range(PEOPLE):
        send(running, invent())
    yield running
    running.stop()


def send(server: Server, person: Invented) -> tuple[Visitor, str]:
    """Somebody sends a form; the browser and the case number."""
    visitor = Visitor(server)
    return visitor, case_of(visitor.send_form("callback", {"name": person.name, "phone": person.phone}))


def names(installation: Installation) -> set[str]:
    return {key_name(wrapped) for (wrapped,) in installation.key_rows(WRAPPED)}


def key_files(installation: Installation) -> list[str]:
    return sorted(path.name for path in installation.keys.glob("kek*"))


def rotate_and_die(installation: Installation, folder: Path, seam: str) -> None:
    armed = folder / "armed"
    armed.write_text(seam)
    words = [sys.executable, KILL_AT, armed, "--data", installation.data, "keys", "rotate", "--batch", "2"]
    died = subprocess.run(
        words, env=clean_environment(installation.home), cwd=installation.home, capture_output=True, check=False
    )
    assert died.returncode == -9, (seam, died.stdout, died.stderr)


def doctor(installation: Installation, *, fails: bool = False) -> Any:
    (found,) = [one for one in installation.json("doctor", fails=fails, here=True) if one["check"] == "epochs"]
    return found


@pytest.mark.parametrize("seam", ROTATE)
def test_killed_at_a_seam_it_goes_on_and_the_server_never_stops(served: Server, tmp_path: Path, seam: str) -> None:
    installation = served.installation
    ((events_before,),) = installation.rows(EVENTS)
    begun_before = installation.json("keys", "status", here=True)["epochs"][-1]["number"]
    rotate_and_die(installation, tmp_path, seam)
    status = installation.json("keys", "status", here=True)
    half_done = seam not in (*NOT_BEGUN, "rotate.ended")
    assert status["rotating"] == half_done
    if half_done:
        told = doctor(installation, fails=True)
        assert told["state"] == "wrong" and "omonat keys rotate" in told["what_to_do"]
    person = invent()
    visitor, _case = send(served, person)  # the server makes keys, and opens them
    visitor.sign_in(person.phone)
    assert person.name in visitor.get("/my").text
    ended = installation.json("keys", "rotate", "--batch", "2")
    number = ended["epoch"]["number"]
    assert names(installation) == {f"file:kek.{number}"}
    assert key_files(installation) == [f"kek.{number}"]
    assert number > begun_before
    rotations = 2 if seam == "rotate.ended" else 1
    assert installation.rows(EVENTS) == [(events_before + rotations,)]
    assert doctor(installation)["state"] == "good"
    assert person.name in visitor.get("/my").text
    assert_whole(served)


class Stream:
    """People who send forms, and people who take theirs back, until it is ended."""

    def __init__(self, server: Server) -> None:
        self.server, self.ended = server, threading.Event()
        self.kept: list[str] = []
        self.erased: list[str] = []
        self.failed: list[BaseException] = []
        self.threads = [
            threading.Thread(target=self._run, args=(act,)) for act in (self._keep, self._keep, self._erase)
        ]

    def _keep(self) -> None:
        self.kept.append(send(self.server, invent())[1])

    def _erase(self) -> None:
        visitor, case = send(self.server, invent())
        assert "outcome=erased" in str(visitor.send("/disagree", erase="on").url)
        self.erased.append(case)

    def _run(self, act: Any) -> None:
        try:
            while not self.ended.is_set():
                act()
        except BaseException as error:
            self.failed.append(error)
            raise

    def wait_for_more(self, count: int) -> None:
        kept, erased, end = len(self.kept) + count, len(self.erased) + 1, time.monotonic() + 60
        while (len(self.kept) < kept or len(self.erased) < erased) and not self.failed:
            assert time.monotonic() < end, "the stream has run dry"
            time.sleep(0.02)

    def __enter__(self) -> "Stream":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()


def test_a_stream_of_forms_and_erasures_loses_nothing(served: Server) -> None:
    installation = served.installation
    with Stream(served) as stream:
        for _ in range(3):
            stream.wait_for_more(4)
            installation.run("keys", "rotate", "--batch", "1")
        stream.wait_for_more(4)
    assert not stream.failed
    held = dict(installation.rows("SELECT case_id, subject_id FROM subject_case"))
    kept = {held[case.replace("-", "")] for case in stream.kept}
    assert kept <= active_ids(installation)
    assert {held[case.replace("-", "")] for case in stream.erased} <= erased_ids(installation)
    assert len(names(installation)) == 1
    assert len(key_files(installation)) == 1
    assert_whole(served)
    served.restart()  # nothing was held by its memory alone
    person = invent()
    visitor, _case = send(served, person)
    visitor.sign_in(person.phone)
    assert person.name in visitor.get("/my").text
    assert_whole(served)
