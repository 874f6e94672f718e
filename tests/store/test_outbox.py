"""The outbox and its dispatcher on SQLite and PostgreSQL: nothing stored is lost, whoever is killed, and when."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, func, inspect, select, text

from harness.awaiting import wait_until
from omonat.jobs import Dispatcher, Job, Options, Outbox, Periodic, Work, store
from omonat.kernel.clock import Clock
from omonat.kernel.errors import Conflict, Misconfigured, NotFound
from omonat.storage import Database
from omonat.storage.schema import outbox

PROGRAM = Path(__file__).with_name("outbox_process.py")
QUICK = Options(poll=0.05, pauses=(0.05, 0.05))


def add(database: Database, key: str, *, kind: str = "slow", **payload: str) -> None:
    now = Clock().now()
    database.write(lambda tx: Outbox().add(tx, kind=kind, business_key=key, payload=payload, now=now))


def rows(database: Database) -> dict[str, tuple[bool, str | None]]:
    """Business key to whether it is finished, and its code."""
    with database.read() as tx:
        found = tx.execute(select(outbox.c.business_key, outbox.c.done_at, outbox.c.failed)).all()
    return {key: (done_at is not None, failed) for key, done_at, failed in found}


def wait_for_all(database: Database) -> None:
    wait_until(lambda: all(done for done, _failed in rows(database).values()))


@pytest.fixture
def jobs_url(database: Database, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'jobs.db'}" if database.is_sqlite else database.url


@contextmanager
def dispatching(
    database: Database, jobs_url: str, works: dict[str, Work], *, options: Options = QUICK,
    periodic: tuple[Periodic, ...] = (), clock: Clock | None = None,
) -> Iterator[Dispatcher]:  # fmt: skip
    dispatcher = Dispatcher(
        database, jobs_url, works, clock=clock or Clock(), periodic=periodic, options=options
    )  # fmt: skip
    dispatcher.start()
    try:
        yield dispatcher
    finally:
        dispatcher.stop()


class Program:
    """The program of outbox_process.py, alive until it is killed."""

    def __init__(self, database: Database, jobs_url: str, folder: Path, node: str = "a", stale: int = 3600) -> None:
        arguments = [database.url, jobs_url, str(folder), node, str(stale)]
        self.process = subprocess.Popen([sys.executable, str(PROGRAM), *arguments], env=_environment())

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    folder = tmp_path / "traces"
    folder.mkdir()
    return folder


def times(traces: Path, name: str, word: str) -> int:
    path = traces / f"{name}.{word}"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_a_unit_that_fails_leaves_no_intention(database: Database) -> None:
    def unit(tx: Connection) -> None:
        Outbox().add(tx, kind="slow", business_key="a", payload={}, now=Clock().now())
        raise Conflict()

    with pytest.raises(Conflict):
        database.write(unit)
    assert rows(database) == {}


def test_one_business_key_is_one_job(database: Database, jobs_url: str) -> None:
    ran: list[str] = []
    with dispatching(database, jobs_url, {"slow": lambda payload: ran.append(payload["id"])}) as dispatcher:
        for _ in range(3):
            add(database, "letter:1", id="1")
            dispatcher.wake()
        wait_for_all(database)
        add(database, "letter:1", id="again")
        add(database, "letter:2", id="2")
        wait_for_all(database)
    assert ran == ["1", "2"]


def test_a_row_waits_for_its_time(database: Database, jobs_url: str) -> None:
    clock, ran = Clock(), list[str]()
    later = clock.now() + timedelta(days=3)
    database.write(
        lambda tx: Outbox().add(tx, kind="a", business_key="k", payload={}, now=clock.now(), not_before=later)
    )
    with dispatching(database, jobs_url, {"a": lambda _: ran.append("a"), "b": lambda _: None}, clock=clock):
        add(database, "other", kind="b")
        wait_until(lambda: rows(database)["other"][0])
        assert rows(database)["k"] == (False, None)
        clock.shift = timedelta(days=4)
        wait_for_all(database)
    assert ran == ["a"]


def test_a_temporary_failure_is_tried_again_until_it_passes(database: Database, jobs_url: str) -> None:
    tries: list[int] = []

    def work(_: dict[str, str]) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise Conflict()

    add(database, "k", kind="w")
    with dispatching(database, jobs_url, {"w": work}):
        wait_for_all(database)
    assert (len(tries), rows(database)["k"]) == (3, (True, None))


def test_it_is_given_up_with_a_code_after_the_last_try(
    database: Database, jobs_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[int] = []

    def work(_: dict[str, str]) -> None:
        tries.append(1)
        raise ValueError("marker-of-a-person@example.uz")

    add(database, "k", kind="w")
    with dispatching(database, jobs_url, {"w": work}):
        wait_for_all(database)
    assert (len(tries), rows(database)["k"]) == (3, (True, "internal"))
    assert "given up" in caplog.text
    assert "marker-of-a-person" not in caplog.text
    assert "marker-of-a-person" not in everything_stored(jobs_url)


def test_a_permanent_failure_is_given_up_at_once_and_can_be_repeated(database: Database, jobs_url: str) -> None:
    tries: list[int] = []

    def work(_: dict[str, str]) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise Misconfigured(what="no channel", fix="set one up")

    add(database, "k", kind="w")
    with dispatching(database, jobs_url, {"w": work}):
        wait_for_all(database)
        assert (len(tries), rows(database)["k"]) == (1, (True, "misconfigured"))
        with database.read() as tx:
            assert [job.business_key for job in Outbox().given_up(tx)] == ["k"]
        database.write(lambda tx: Outbox().repeat(tx, "k"))
        wait_for_all(database)
    assert (len(tries), rows(database)["k"]) == (2, (True, None))
    with pytest.raises(NotFound):
        database.write(lambda tx: Outbox().repeat(tx, "k"))


def test_an_unknown_kind_is_given_up_by_name(database: Database, jobs_url: str) -> None:
    add(database, "k", kind="of_the_future")
    with dispatching(database, jobs_url, {}):
        wait_for_all(database)
    assert rows(database)["k"] == (True, "unknown_job")


def test_a_job_that_waits_for_its_next_try_keeps_no_thread(database: Database, jobs_url: str) -> None:
    """A dead mail server must not stop erasures."""

    def failing(_: dict[str, str]) -> None:
        raise Conflict()

    for number in range(5):
        add(database, f"mail:{number}", kind="failing")
    with dispatching(
        database, jobs_url, {"failing": failing, "erase": lambda _: None}, options=Options(pauses=(600,), threads=2)
    ):
        wait_until(lambda: [failed for _done, failed in rows(database).values()].count("conflict") == 5)
        add(database, "erase:1", kind="erase")
        wait_until(lambda: rows(database)["erase:1"][0])


def test_periodic_work_runs_once_a_turn(database: Database, jobs_url: str) -> None:
    clock, ran = Clock(), list[str]()
    tick = Periodic(kind="tick", every=timedelta(hours=1), payload={"id": "t"})
    for _ in range(2):  # a restart within the same turn adds nothing
        with dispatching(
            database, jobs_url, {"tick": lambda payload: ran.append(payload["id"])}, periodic=(tick,), clock=clock
        ):
            wait_until(lambda: len(ran) >= 1)
            wait_for_all(database)
    keys = len(rows(database))
    assert keys == len(ran) <= 2  # two, if the hour has just changed
    clock.shift = timedelta(hours=5)
    with dispatching(
        database, jobs_url, {"tick": lambda payload: ran.append(payload["id"])}, periodic=(tick,), clock=clock
    ):
        wait_until(lambda: len(ran) == keys + 1)


def test_it_starts_inside_an_event_loop_and_prints_nothing(
    database: Database, jobs_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """As in the server, whose loop the durable engine must not take for its own."""

    async def serve() -> None:
        with dispatching(database, jobs_url, {"slow": lambda _: None}):
            add(database, "k", id="k")
            await asyncio.to_thread(wait_for_all, database)

    loop = threading.Thread(target=lambda: asyncio.run(serve()))  # a browser of another test may hold the main thread's
    loop.start()
    loop.join()
    assert rows(database)["k"] == (True, None)
    assert capfd.readouterr() == ("", "")


def test_there_is_one_dispatcher_per_process(database: Database, jobs_url: str) -> None:
    with dispatching(database, jobs_url, {}):
        second = Dispatcher(database, jobs_url, {}, clock=Clock())
        with pytest.raises(RuntimeError, match="one dispatcher"):
            second.start()
        second.stop()
        add(database, "k", kind="unknown")
        wait_for_all(database)


def test_finished_rows_are_forgotten_after_their_time(database: Database, jobs_url: str) -> None:
    clock = Clock(-timedelta(days=31))
    add_at = clock.now()
    database.write(lambda tx: Outbox().add(tx, kind="w", business_key="old", payload={}, now=add_at))
    with dispatching(database, jobs_url, {"w": lambda _: None}, clock=clock):
        wait_for_all(database)
    add(database, "new", kind="w")
    with dispatching(database, jobs_url, {"w": lambda _: None}):
        wait_until(lambda: set(rows(database)) == {"new"})


def test_kill_with_jobs_in_flight(database: Database, jobs_url: str, traces: Path) -> None:
    names = [f"j{number}" for number in range(10)]
    for name in names:
        add(database, f"slow:{name}", id=name)
    with Program(database, jobs_url, traces):
        wait_until(lambda: sum(done for done, _ in rows(database).values()) >= 3)
        wait_until(lambda: any(times(traces, name, "begun") > times(traces, name, "ended") for name in names))
    done_before = {key.partition(":")[2] for key, (done, _) in rows(database).items() if done}
    assert {name for name in names if times(traces, name, "begun")} - done_before, "nothing was in flight"
    with Program(database, jobs_url, traces):
        wait_for_all(database)
    assert {key: code for key, (_, code) in rows(database).items() if code} == {}
    assert all((traces / f"{name}.effect").read_text() == "there" for name in names)
    assert all(times(traces, name, "begun") == 1 for name in done_before), "what was done ran again"
    assert all(times(traces, name, "ended") >= 1 for name in names)


def test_kill_between_the_effect_and_the_note_of_it(database: Database, jobs_url: str, traces: Path) -> None:
    add(database, "d", kind="deadly", id="d")
    with Program(database, jobs_url, traces) as first:
        first.process.wait()
    assert rows(database)["d"] == (False, None)
    with Program(database, jobs_url, traces):
        wait_for_all(database)
    assert (rows(database)["d"], times(traces, "d", "ended")) == ((True, None), 2)


def test_kill_between_the_claim_and_the_workflow(database: Database, jobs_url: str, traces: Path) -> None:
    add(database, "c", id="c")
    now = Clock().now()
    with database.read() as tx:
        job: Job = store.due(tx, now, 1)[0]
    assert database.write(lambda tx: store.claim(tx, job, now))
    assert not database.write(lambda tx: store.claim(tx, job, now)), "claimed twice"
    with Program(database, jobs_url, traces):
        wait_for_all(database)
    assert times(traces, "c", "ended") == 1


def test_the_jobs_of_a_node_that_never_returns_are_taken_over(
    database: Database, jobs_url: str, traces: Path
) -> None:  # fmt: skip
    for name in ("x", "y", "z"):
        add(database, name, id=name)
    with Program(database, jobs_url, traces, "dead"):
        wait_until(lambda: times(traces, "x", "begun") == 1)
    with Program(database, jobs_url, traces, "heir", stale=0):
        wait_for_all(database)
    assert all((traces / f"{name}.effect").exists() for name in ("x", "y", "z"))


def test_a_node_takes_nothing_over_from_itself(database: Database, jobs_url: str) -> None:
    """A try that loses its workflow waits in its thread for the winner: a few of them would stop everything."""
    ran: list[str] = []

    def work(payload: dict[str, str]) -> None:
        time.sleep(0.5)
        ran.append(payload["id"])

    now = Clock().now()
    for name in "abcd":
        add(database, name, kind="w", id=name)
    database.write(lambda tx: [store.claim(tx, job, now) for job in store.due(tx, Clock().now(), 9)])
    with dispatching(database, jobs_url, {"w": work}, options=Options(threads=2, stale_after=0)):
        wait_for_all(database)
    assert sorted(ran) == list("abcd")


def test_a_claim_that_is_not_stale_is_left_to_its_node(database: Database, jobs_url: str, traces: Path) -> None:
    add(database, "x", id="x")
    with Program(database, jobs_url, traces, "dead"):
        wait_until(lambda: times(traces, "x", "begun") == 1)
    with Program(database, jobs_url, traces, "heir"):
        add(database, "y", id="y")
        wait_until(lambda: rows(database)["y"][0])
    assert rows(database)["x"] == (False, None)
    with Program(database, jobs_url, traces, "dead"):
        wait_for_all(database)


def test_the_tables_of_dbos_hold_ids_only(database: Database, jobs_url: str) -> None:
    add(database, "case:0192", id="0192", word="marker-in-a-payload")
    with dispatching(database, jobs_url, {"slow": lambda _: None}):
        wait_for_all(database)
    stored = everything_stored(jobs_url)
    assert "case:0192" in stored  # the search finds what is there
    assert "marker-in-a-payload" not in stored
    assert "gASV" not in stored, "a pickle in base64"


def test_what_is_finished_is_not_run_again(database: Database, jobs_url: str) -> None:
    ran: list[str] = []
    add(database, "k", id="k")
    database.write(lambda tx: tx.execute(outbox.update().values(done_at=Clock().now(), dispatched_at=Clock().now())))
    with dispatching(database, jobs_url, {"slow": lambda payload: ran.append(payload["id"])}):
        add(database, "l", id="l")
        wait_for_all(database)
    assert ran == ["l"]


def everything_stored(jobs_url: str) -> str:
    """Every value of every table of DBOS, as text."""
    engine = create_engine(jobs_url)
    schema = None if jobs_url.startswith("sqlite") else "omonat_jobs"
    try:
        with engine.connect() as tx:
            names = inspect(tx).get_table_names(schema=schema)
            found = [
                tx.execute(text(f'SELECT * FROM {f"{schema}." if schema else ""}"{name}"')).all() for name in names
            ]
            assert tx.execute(
                select(func.count()).select_from(text(f"{f'{schema}.' if schema else ''}workflow_status"))
            )
    finally:
        engine.dispose()
    return repr(found)
