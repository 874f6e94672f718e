"""More acts than can be stored: said at once as 503 with Retry-After; what was answered with success is there."""

import sqlite3
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from harness.installation import new_installation
from harness.people import Visitor, case_of, invent
from harness.places import REPOSITORY
from harness.server import Server
from harness.wholeness import assert_whole

SHORT_QUEUE = REPOSITORY / "tests" / "harness" / "short_queue.py"
AT_ONCE, WAITING = 12, 3


def test_a_full_queue_is_told_and_nothing_that_was_taken_is_lost(tmp_path: Path) -> None:
    installation = new_installation(tmp_path / "installation", adopt=False)
    server = Server(installation, program=[sys.executable, str(SHORT_QUEUE), str(WAITING)])
    try:
        _fill(server)
        assert_whole(server)
    finally:
        server.stop()


def _fill(server: Server) -> None:
    """Another program holds the file, so nothing is stored; more people send a form than may wait."""
    senders = [_ready(server) for _ in range(AT_ONCE)]
    holder = sqlite3.connect(server.installation.data / "omonat.db", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    refused = threading.Event()

    def send(sender: tuple[Visitor, dict[str, str]]) -> httpx.Response:
        answer = sender[0].post("/callback", sender[1])
        if answer.status_code == 503:
            refused.set()
        return answer

    with ThreadPoolExecutor(AT_ONCE) as pool:
        sent = [pool.submit(send, sender) for sender in senders]
        assert refused.wait(60), "nobody was refused"
        holder.execute("ROLLBACK")
        answers = [each.result() for each in sent]
    holder.close()
    taken = [answer for answer in answers if answer.url.path.endswith("/thanks")]
    told = [answer for answer in answers if answer.status_code == 503]
    assert len(taken) + len(told) == AT_ONCE and told
    assert all(int(answer.headers["retry-after"]) > 0 for answer in told)
    cases = {row[0] for row in server.installation.rows("SELECT case_id FROM subject_case")}
    assert cases == {case_of(answer).replace("-", "") for answer in taken}
    for (visitor, fields), answer in zip(senders, answers, strict=True):  # they press the button again
        if answer in told:
            assert visitor.post("/callback", fields).url.path.endswith("/thanks")
    assert len(server.installation.rows("SELECT case_id FROM subject_case")) == AT_ONCE


def _ready(server: Server) -> tuple[Visitor, dict[str, str]]:
    """Somebody who has filled in a form and not sent it yet."""
    visitor, person = Visitor(server), invent()
    form = visitor.form_to(visitor.get("/callback"), "/callback")
    return visitor, {**form.fields, "name": person.name, "phone": person.phone}
