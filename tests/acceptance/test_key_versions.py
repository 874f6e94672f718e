"""`omonat keys rotate --compartments` and `--index` beside a running server: killed at each seam, one after another."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from harness.installation import Installation, clean_environment, new_installation
from harness.kill_at import RENEW, RETAG
from harness.people import Invented, Visitor, invent
from harness.places import REPOSITORY
from harness.server import Server
from harness.wholeness import assert_whole

KILL_AT = REPOSITORY / "tests" / "harness" / "kill_at.py"
PEOPLE = 7
RUNS = 4  # exit code: somebody else is at it; omonat serve goes on by itself
LATER = {"OMONAT_DEV": "1", "OMONAT_CLOCK_SHIFT_DAYS": "1"}  # when no code that was asked for counts any more


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(new_installation(tmp_path_factory.mktemp("versions") / "installation", adopt=False))
    yield running
    running.stop()


def send(server: Server, person: Invented) -> Visitor:
    """Somebody sends a form from a browser of his own."""
    visitor = Visitor(server)
    visitor.send_form("callback", {"name": person.name, "phone": person.phone})
    return visitor


def rotate(installation: Installation, armed: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, KILL_AT, armed, "--data", installation.data, "keys", "rotate", "--batch", "2", *words]
    while True:
        done = subprocess.run(
            command, env=clean_environment(installation.home) | LATER, cwd=installation.home, capture_output=True,
            check=False,
        )  # fmt: skip
        if done.returncode != RUNS:
            return done


def die_at_each(served: Server, folder: Path, seams: Iterable[str], option: str) -> None:
    """Each run goes on where the one before was killed; the server serves between them."""
    installation, person = served.installation, invent()
    visitor, armed = send(served, person), folder / "armed"
    visitor.sign_in(person.phone)
    for seam in seams:
        armed.write_text(seam)
        died = rotate(installation, armed, option)
        if died.returncode == 0:  # omonat serve had done that part by itself: the next rotation passes there
            died = rotate(installation, armed, option)
        assert died.returncode == -9, (seam, died.stdout, died.stderr)
        assert person.name in visitor.get("/my").text, seam
        send(served, invent())
    armed.unlink()
    again = rotate(installation, armed, option)
    assert again.returncode == 0, again.stderr
    other = send(served, person)  # found again by the same number, and asked which of the two
    other.sign_in(person.phone)
    assert person.name in visitor.get("/my").text


def test_compartment_keys_killed_at_each_seam(served: Server, tmp_path: Path) -> None:
    installation = served.installation
    people = [invent() for _ in range(PEOPLE)]
    for person in people:
        send(served, person)
    before = {key_id for (key_id,) in installation.rows("SELECT key_id FROM record")}
    die_at_each(served, tmp_path, RENEW, "--compartments")
    after = {key_id for (key_id,) in installation.rows("SELECT key_id FROM record")}
    assert not before & after
    status = installation.json("keys", "status", here=True)["compartments"]
    assert not status["rotating"]
    assert {part["older"] > 0 for part in status["parts"]} == {True}
    assert installation.rows("SELECT count(*) FROM ledger_event WHERE kind = 'compartment_keys_rotated'") == [(2,)]
    visitor = Visitor(served)
    visitor.sign_in(people[0].phone)
    assert people[0].name in visitor.get("/my").text
    assert_whole(served)


def test_index_keys_killed_at_each_seam(served: Server, tmp_path: Path) -> None:
    installation = served.installation
    people = [invent() for _ in range(PEOPLE)]
    for person in people:
        send(served, person)
    die_at_each(served, tmp_path, RETAG, "--index")
    status = installation.json("keys", "status", here=True)["index"]
    assert not status["rotating"]
    (version,) = [one["version"] for one in status["versions"] if not one["destroyed"]]
    assert installation.rows("SELECT DISTINCT tag_version FROM identifier") == [(version,)]
    events = installation.rows("SELECT count(*) FROM ledger_event WHERE kind = 'index_keys_rotated'")
    assert events == [(version - 1,)]
    assert installation.key_rows("SELECT DISTINCT version FROM secret WHERE name LIKE 'index:%'") == [(version,)]
    for person in (people[0], people[-1]):
        visitor = Visitor(served)
        visitor.sign_in(person.phone)
        assert person.name in visitor.get("/my").text
    assert_whole(served)
