"""Two servers on one database: a withdrawal that one has acknowledged is obeyed by the other at once (clause 7.1 c)."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from harness.crowd import subscribe
from harness.installation import Installation, new_installation
from harness.postgres import PostgresServer
from harness.programs import Program, api_key
from harness.registers import account
from harness.server import Server
from omonat.app import Omonat
from omonat.disclosure import packing
from omonat.jobs import Run
from omonat.staff import Waiting
from omonat.storage import schema

PEOPLE = 3000


@pytest.fixture
def omonat(postgres: PostgresServer, tmp_path: Path) -> Iterator[Omonat]:
    data, keys = postgres.new_database(), postgres.new_database()
    made = new_installation(tmp_path / "one", adopt=False, database=data, keys_database=keys)
    opened = Omonat.open(made.data)
    subscribe(opened, PEOPLE)
    yield opened
    opened.close()


@pytest.fixture
def nodes(omonat: Omonat, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Each with a folder of its own; the ledger's files are shared, as on a network disk."""
    one = Installation(omonat.settings.data, omonat.settings.keys, tmp_path / "one" / "home")
    other = Installation(tmp_path / "two", one.keys, tmp_path / "home-of-two")
    other.home.mkdir()
    shutil.copytree(one.data, other.data, ignore=shutil.ignore_patterns("ledger", "*.lock"))
    (other.data / "ledger").symlink_to(one.data / "ledger")
    servers: list[Server] = []
    try:
        for number, installation in enumerate((one, other)):
            servers.append(Server(installation, env={"OMONAT_NODE": f"node-{number}"}))
        yield servers[0], servers[1]
    finally:
        for server in servers:
            server.stop()


def may(node: Program, *people: UUID) -> list[bool]:
    """What a node answers now."""
    question = {"operation": "use", "purpose": "news", "category": "email", "channel": "email"}
    sent = {"questions": [question], "subject_ids": [str(one) for one in people]}
    found = node.post("/decisions/bulk", sent).json()
    return [found["legend"][place]["allowed"] for place in found["answers"][0]]


def withdraw(node: Program, person: UUID) -> None:
    """Acknowledged when this returns."""
    answer = node.post(f"/people/{person}/consents/withdraw", {"purpose": "news", "language": "ru"})
    assert answer.status_code == 200, answer.text


def started(omonat: Omonat) -> UUID:
    """A list that was counted, asked for and approved; a node draws it."""
    now, by = omonat.clock.now(), account(omonat, "marketing")
    counting = omonat.mailing_lists.ask_count("news", "email", "New tariffs", by=by, now=now)
    assert wait_for(omonat, counting.run_id, "done").result == {"asked": PEOPLE, "may": PEOPLE, "left_out": {}}
    waiting = omonat.mailing_lists.ask_list(counting.run_id, by=by, now=now)
    assert isinstance(waiting, Waiting)
    officer = account(omonat, "privacy_officer", name="Officer of both")
    omonat.approvals.decide(officer, waiting.approval_id, yes=True, reason="", now=now)
    return waiting.approval_id


def wait_for(omonat: Omonat, run_id: UUID, state: str) -> Run:
    """Until the run is in that state, or, for `running`, has journalled its first page."""
    while True:
        run = omonat.runs.get(run_id)
        assert run.state != "failed", run
        if run.state == "done" or (run.state == state and run.done):
            return run
        time.sleep(0.02)


def test_a_withdrawal_is_obeyed_by_the_other_node_and_by_a_running_list(
    omonat: Omonat, nodes: tuple[Server, Server]
) -> None:
    one, other = (Program(node, api_key(omonat)) for node in nodes)
    with omonat.database.read() as tx:
        people = list(tx.scalars(select(schema.subject.c.subject_id).order_by(schema.subject.c.subject_id)))
    first, early, middle, late, last = people[0], people[5], people[PEOPLE // 2], people[-2], people[-1]
    assert may(one, first, last) == may(other, first, last) == [True, True]
    list_id = started(omonat)
    wait_for(omonat, list_id, "running")
    for person, here, there in ((last, other, one), (first, one, other), (middle, other, one)):
        withdraw(here, person)
        assert may(there, person) == [False]
    assert wait_for(omonat, list_id, "done").result is not None
    withdraw(other, early)
    by = omonat.staff.get_by_name("marketing")
    pages = omonat.mailing_lists.fetch(list_id, by=by, now=omonat.clock.now())
    handed_out = next(pages) + next(pages)
    withdraw(one, late)
    handed_out += b"".join(pages)
    assert handed_out.startswith(packing.HEADER)
    listed = {UUID(line[:36].decode()) for line in handed_out.splitlines()[1:]}
    assert set(people) - listed == {first, early, middle, late, last}
