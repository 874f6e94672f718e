"""Pulling the plug between an act and the message about it: the message still arrives, under one id."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from harness.installation import new_installation
from harness.kill_at import WEBHOOK
from harness.people import Visitor, case_of, invent
from harness.receiver import HANG, Receiver, receiver
from harness.rig import KILL_AT
from harness.server import Server
from harness.staff import staff_token
from harness.wholeness import assert_whole, wait_for_jobs
from omonat.app import Omonat
from omonat.kernel.settings import read_settings


class Rig:
    """A server that dies at a seam on demand, with one webhook for opened cases."""

    def __init__(self, folder: Path, there: Receiver) -> None:
        self.armed, self.there = folder / "armed", there
        self.installation = new_installation(folder / "installation", adopt=False)
        self.secret = self._listen()
        self.server = Server(self.installation, program=[sys.executable, str(KILL_AT), str(self.armed)])

    def _listen(self) -> str:
        import msgspec

        omonat = Omonat(msgspec.structs.replace(read_settings(self.installation.data), dev=True))
        try:
            staff_token(omonat, ["administrator"])
            admin = omonat.staff.get_by_name("administrator")
            made = omonat.webhooks.add(self.there.url, ["case.opened"], actor=admin, now=omonat.clock.now())
            return made.secret.reveal()
        finally:
            omonat.close()


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with receiver() as there:
        made = Rig(tmp_path_factory.mktemp("kill_webhooks"), there)
        yield made
        made.server.stop()


def _callback(rig: Rig) -> str:
    visitor, person = Visitor(rig.server), invent()
    return case_of(visitor.send_form("callback", {"name": person.name, "phone": person.phone}))


@pytest.mark.parametrize("seam", WEBHOOK)
def test_killed_between_the_act_and_its_message(rig: Rig, seam: str) -> None:
    wait_for_jobs(rig.server)  # a message that arrived may not be marked yet, and would meet the seam first
    before = len(rig.there.came)
    rig.armed.write_text(seam)
    try:
        _callback(rig)
    except httpx.TransportError:
        pass  # the answer was lost with the server
    assert rig.server.wait_for_end() == -9, f"{seam}: the server did not die there"
    rig.armed.unlink()
    ((newest,),) = rig.installation.rows("SELECT case_id FROM subject_case ORDER BY case_id DESC LIMIT 1")
    rig.server.start()
    twice = seam == "webhook.sent"  # it arrived, and nobody knew: the receiver sees the same id again
    came = rig.there.wait_for(before + 1 + twice)[before:]
    events = rig.there.events(rig.secret)[before:]
    assert {event.data["case"].replace("-", "") for event in events} == {newest}
    assert len({one.id for one in came}) == 1
    _wait_until_arrived(rig)
    assert_whole(rig.server)


def _wait_until_arrived(rig: Rig) -> None:
    """One more message behind it: then nothing is left that waits."""
    count = len(rig.there.came)
    _callback(rig)
    rig.there.wait_for(count + 1)


def test_a_receiver_that_hangs_delays_nobody(tmp_path: Path) -> None:
    """Threads of the dispatcher are left for codes and erasures, however many messages wait for a dead system."""
    with receiver() as there:
        rig = Rig(tmp_path, there)
        try:
            there.otherwise = HANG
            for _ in range(10):
                _callback(rig)
            there.wait_for(2)
            visitor, person = Visitor(rig.server), invent()
            visitor.send_form("callback", {"name": person.name, "phone": person.phone})
            began = time.monotonic()
            visitor.sign_in(person.phone)
            visitor.send("/my/delete", sure="on")
            assert time.monotonic() - began < 10, "it waited for the receiver"
            assert len(there.came) <= 4  # two at once, each for 15 seconds
        finally:
            rig.server.kill9()


def test_a_receiver_that_fails_gets_the_same_message_again(rig: Rig) -> None:
    before = len(rig.there.came)
    rig.there.answers = [500]
    _callback(rig)
    first, second = rig.there.wait_for(before + 2)[before:][:2]
    assert first.id == second.id and first.body == second.body
    assert int(second.headers["webhook-timestamp"]) >= int(first.headers["webhook-timestamp"]) + 5
