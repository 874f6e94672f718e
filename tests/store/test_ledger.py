"""The ledger on both engines: append, integrate, one holder of the lease, the words of a report."""

import re
import threading
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from store.ledger_log import (
    KEY,
    NOW,
    ORIGIN,
    Log,
    remove_one,
)

from omonat.kernel.errors import NotFound
from omonat.kernel.ids import new_id
from omonat.kernel.language import LANGUAGES, catalogue
from omonat.ledger import Tree, merkle, store, verify, words
from omonat.ledger.note import Checkpoint
from omonat.ledger.sequencer import BATCH, LEASE_LASTS, PAUSE_SECONDS, LeaseLost
from omonat.storage import Database
from omonat.storage.schema import ledger_event, ledger_lease


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path / "ledger")


# --- append and integrate -------------------------------------------------------------------------------------------


def test_the_first_round_signs_the_empty_tree(log: Log) -> None:
    log.integrate()
    assert log.head() == Checkpoint(ORIGIN, 0, merkle.EMPTY_ROOT)
    report = log.verify()
    assert report.ok
    assert report.size == 0


def test_an_event_is_published_as_its_hash_and_nothing_else(log: Log) -> None:
    [event_id] = log.append(1)
    assert log.sequencer.integrate_once(NOW) == 1
    with log.database.read() as tx:
        event = log.ledger.get(tx, event_id)
    assert event.position == 0
    assert event.hash == sha256(event.body).digest()
    assert Tree(log.folder).entry(0, 1) == event.hash
    assert (log.folder / "tile/entries/000.p/1").read_bytes() == b"\x00\x20" + event.hash
    assert log.head().root == merkle.leaf_hash(event.hash)


def test_a_body_says_what_happened_and_cannot_be_guessed(log: Log) -> None:
    one, two = log.append(1) + log.append(1)
    with log.database.read() as tx:
        bodies = [log.ledger.get(tx, event_id).body for event_id in (one, two)]
    assert bodies[0].startswith(b'{"at":"2026-03-02T09:00:00.000000Z","facts":{"number":0},"id":"' + str(one).encode())
    assert bodies[0] != bodies[1]


def test_an_act_that_fails_leaves_no_event(log: Log) -> None:
    def act(tx: Any) -> None:
        log.ledger.append(tx, kind="test", at=NOW, facts={})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        log.database.write(act)
    assert log.rows() == []
    with log.database.read() as tx, pytest.raises(NotFound):
        log.ledger.get(tx, new_id())


def test_many_rounds_make_one_tree(log: Log) -> None:
    heads = [log.head() for count in (0, 1, 254, 1, 1, 600) if log.integrate(count)]
    assert [head.size for head in heads] == [0, 1, 255, 256, 257, 857]
    assert log.positions() == list(range(857))
    tree = Tree(log.folder)
    for old in heads[1:]:
        proof = tree.consistency_proof(old.size, 857)
        assert merkle.is_consistent((old.size, old.root), (857, heads[-1].root), proof)
    for position in (0, 254, 255, 256, 856):
        leaf = merkle.leaf_hash(log.rows()[position].hash)
        proof = tree.inclusion_proof(position, 857)
        assert merkle.is_included(leaf, position, 857, proof=proof, root=heads[-1].root)
    assert log.verify().ok


def test_more_than_a_batch_is_integrated_in_one_call(log: Log) -> None:
    log.append(BATCH + 5)
    assert log.sequencer.integrate_once(NOW) == BATCH + 5
    assert log.head().size == BATCH + 5
    progress: list[tuple[int, int]] = []
    report = verify(log.database, log.folder, KEY, progress=lambda done, total: progress.append((done, total)))
    assert (report.ok, report.checked, report.pending) == (True, BATCH + 5, 0)
    assert progress[-1] == (BATCH + 5, BATCH + 5)


def test_nothing_to_do_writes_nothing(log: Log) -> None:
    first = log.integrate(3)
    lease = log.database.write(lambda tx: tx.execute(select(ledger_lease)).one())
    assert log.sequencer.integrate_once(NOW + timedelta(hours=1)) == 0
    assert log.database.write(lambda tx: tx.execute(select(ledger_lease)).one()) == lease
    assert Tree(log.folder).checkpoint() == first


def test_appending_from_many_sides_keeps_positions_contiguous(log: Log) -> None:
    def appends() -> None:
        for _ in range(15):
            log.append(2)

    threads = [threading.Thread(target=appends) for _ in range(4)]
    nodes = [log.node(), log.node()]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for node in nodes:
            node.integrate_once(NOW)
    for thread in threads:
        thread.join()
    for node in nodes:
        node.integrate_once(NOW + 2 * LEASE_LASTS)
    assert log.positions() == list(range(4 * 15 * 2))
    assert log.verify().ok


def test_the_loop_integrates_after_a_wake_and_stops(log: Log) -> None:
    log.integrate()
    log.sequencer.start(lambda: NOW)
    try:
        log.append(3)
        log.sequencer.wake()
        waited = threading.Event()
        while log.head().size < 3:
            waited.wait(0.02)
    finally:
        log.sequencer.stop()
    assert log.node().integrate_once(NOW) == 0
    log.append(1)
    assert log.node().integrate_once(NOW) == 1  # stopping let the lease go


def test_what_nobody_wakes_the_loop_for_is_signed_after_one_pause_of_half_a_second(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So within a second: the other half is left for the work of a round."""
    log.integrate()
    pauses: list[tuple[float, int]] = []

    def pause(seconds: float) -> bool:
        """In place of waiting: an event comes just after the loop had looked."""
        pauses.append((seconds, log.head().size))
        if len(pauses) == 3:
            log.sequencer._stopped.set()
        log.append(1)
        return False

    monkeypatch.setattr(log.sequencer._wake, "wait", pause)
    monkeypatch.setattr(log.sequencer._wake, "set", lambda: pytest.fail("somebody woke it"))
    log.sequencer.run(lambda: NOW)
    assert pauses == [(PAUSE_SECONDS, size) for size in (0, 1, 2)] and PAUSE_SECONDS <= 0.5
    assert {place for place in log.positions() if place is not None} == {0, 1}  # the third came after the last round


def test_the_loop_survives_a_failure_and_signs_nothing(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    log.integrate(2)
    (log.folder / "checkpoint").write_bytes(b"not a checkpoint")
    log.sequencer.start(lambda: NOW)
    waited = threading.Event()
    while "code=damaged" not in caplog.text:
        waited.wait(0.02)
    log.sequencer.stop()
    assert (log.folder / "checkpoint").read_bytes() == b"not a checkpoint"


# --- one holder -----------------------------------------------------------------------------------------------------


def test_only_the_holder_of_the_lease_integrates(log: Log) -> None:
    first, second = log.node(), log.node()
    log.append(1)
    assert first.integrate_once(NOW) == 1
    log.append(1)
    assert second.integrate_once(NOW) == 0
    assert first.integrate_once(NOW) == 1
    log.append(1)
    assert second.integrate_once(NOW + LEASE_LASTS + timedelta(seconds=1)) == 1
    log.append(1)
    assert first.integrate_once(NOW + LEASE_LASTS + timedelta(seconds=2)) == 0
    assert log.head().size == 3


def test_a_lease_that_ends_impossibly_late_can_be_taken(log: Log) -> None:
    log.append(1)
    log.node().integrate_once(NOW + timedelta(days=365))
    log.append(1)
    assert log.node().integrate_once(NOW) == 1


def test_an_old_holder_that_wakes_up_does_nothing(log: Log) -> None:
    """It has passed its own check of the lease when another node takes over: the fencing token stops it."""
    old, new = log.node(), log.node()
    log.append(1)
    old.integrate_once(NOW)
    old._hold_lease(NOW)
    log.append(2)
    later = NOW + LEASE_LASTS + timedelta(seconds=1)
    assert new.integrate_once(later) == 2
    log.append(1)
    with log.database.read() as tx:
        waiting = store.pending_ids(tx, 10)
    assert len(waiting) == 1
    with pytest.raises(LeaseLost):
        log.database.write(partial(old._give_positions, waiting, 1, later))
    assert log.positions().count(None) == 1
    before = log.head()
    with pytest.raises(LeaseLost):
        new_positions(log)
        old._write_tree(later)
    assert log.head() == before
    assert log.verify().ok


def test_an_older_token_is_refused_also_of_the_same_holder(log: Log) -> None:
    def takes(now: datetime) -> int | None:
        return log.database.write(lambda tx: store.take_lease(tx, "x", "node", now=now, lasts=LEASE_LASTS))

    def keeps(token: int) -> bool:
        return log.database.write(lambda tx: store.keep_lease(tx, "x", ("node", token), NOW + 2 * LEASE_LASTS))

    assert (takes(NOW), keeps(1)) == (1, True)
    assert takes(NOW + LEASE_LASTS) is None
    assert takes(NOW + 2 * LEASE_LASTS) == 2
    assert (keeps(1), keeps(2)) == (False, True)


def new_positions(log: Log) -> None:
    """What the new holder committed just before the old one comes to write files."""
    pending = [row for row in log.rows() if row.position is None]
    first = 1 + max(row.position for row in log.rows() if row.position is not None)
    log.tamper(*(
        update(ledger_event).where(ledger_event.c.event_id == row.event_id).values(position=first + n)
        for n, row in enumerate(pending)
    ))  # fmt: skip


# --- the words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_sentence_is_translated_with_its_places(language: str) -> None:
    known = catalogue(language, "ledger")
    for msgid in [*words.FINDINGS.values(), *words.UNKNOWNS]:
        assert msgid in known
        assert set(re.findall(r"{\w+}", known[msgid])) == set(re.findall(r"{\w+}", msgid))


def test_a_report_speaks_the_language_of_its_reader(log: Log) -> None:
    log.integrate(10)
    remove_one(log)
    facts = {language: log.verify().facts(language) for language in LANGUAGES}
    assert len({facts[language]["findings"][0]["message"] for language in LANGUAGES}) == 4  # type: ignore[index]
    assert "5" in facts["uz-Latn"]["findings"][0]["message"]  # type: ignore[index]
