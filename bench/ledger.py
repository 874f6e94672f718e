"""How quickly the ledger takes events, gives them their place, proves and verifies them: SQLite, synchronous FULL.

- *Append.* Threads of this process, each calling `Database.write` with `Ledger.append` again and again; every call
  returns after the COMMIT that holds its event. It is said how many events shared one COMMIT.
  `append_many`: the same events, a thousand in a call.
- *Integrate.* The sequencer gives all of them their place, writes tiles and signs, in rounds of 1000.
- *Prove.* Inclusion proofs of random events in the whole tree, read from the tiles on disk; checked afterwards.
- *Verify.* `verify` over all events (body to hash to entry to tile to root), by this process alone and by as many as
  there are cores, and `fsck` over the files alone; of a ledger that was grown for it, since another process takes about
  a second to start and is started for a large ledger only. The processor's time is that of all of them.
"""

import os
import random
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event

from harness.domain import Domain
from harness.measuring import Watch, domain, machine, rate
from omonat.crypto.signing import Signer
from omonat.kernel.ids import new_id
from omonat.ledger import Happened, Report, Sequencer, Tree, fsck, verify
from omonat.ledger.merkle import is_included, leaf_hash

PER_WRITERS = ((64, 20_000), (16, 8_000), (1, 500))
BULK, AT_ONCE = 60_000, 1000
VERIFIED, AT_A_TIME = 400_000, 5000
PROOFS = 500
FACTS: dict[str, object] = {"purpose": "contract", "categories": ["name", "phone"], "actor": "staff:Officer"}


def appending(of: Domain, writers: int, count: int) -> None:
    """`count` events by so many threads, each waiting for its answer before the next."""
    commits: list[int] = []
    event.listen(of.database.engine, "commit", lambda _connection: commits.append(1))

    def one() -> None:
        for _ in range(count // writers):
            now = of.now()
            of.database.write(lambda tx, now=now: of.ledger.append(tx, kind="bench", at=now, facts=FACTS))  # type: ignore[misc]  # mypy cannot infer a lambda with a default

    threads = [threading.Thread(target=one) for _ in range(writers)]
    with Watch() as watch:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    done = count // writers * writers
    rate(f"append, {writers} writers, {done / len(commits):.0f} events to a COMMIT", done, watch.spent,
         "5,000/s with 64 writers" if writers == PER_WRITERS[0][0] else "-")  # fmt: skip


def append_many(of: Domain) -> None:
    """A thousand."""
    happened = [Happened(new_id(), "bench", of.now(), FACTS, {}) for _ in range(AT_ONCE)]
    of.database.write(lambda tx: of.ledger.append_many(tx, happened))


def appending_many(of: Domain) -> None:
    """In calls of a thousand."""
    with Watch() as watch:
        for _ in range(0, BULK, AT_ONCE):
            append_many(of)
    rate("append_many", BULK, watch.spent, "-")


def checking(of: Domain, folder: Path) -> None:
    """Integrate, prove, verify."""
    sequencer = Sequencer(of.database, folder / "ledger", origin="bench/omonat", signer=Signer(os.urandom(32)))
    with Watch() as watch:
        count = sequencer.integrate_once(datetime.now(UTC))
    rate("integrate", count, watch.spent, "5,000/s, as fast as events come")
    tree = Tree(folder / "ledger", count)
    head = tree.head(sequencer.key)
    chosen = [random.randrange(count) for _ in range(PROOFS)]
    with Watch() as watch:
        proofs = [tree.inclusion_proof(position, count) for position in chosen]
    each = watch.spent.wall / PROOFS * 1000, watch.spent.processor / PROOFS * 1000
    print(f"prove: {each[0]:.2f} ms each ({each[1]:.2f} ms of the processor) in a tree of {count:,}; asked: under 1 ms")
    for position, proof in zip(chosen, proofs, strict=True):
        leaf = leaf_hash(tree.entry(position, count))
        if not is_included(leaf, position, count, proof=proof, root=head.root):
            raise SystemExit(f"the proof of {position} is wrong")
    verifying(of, folder, sequencer)


def verifying(of: Domain, folder: Path, sequencer: Sequencer) -> None:
    """Let the ledger grow, then verify it."""
    count = sequencer.signed_size()
    while count < VERIFIED:
        for _ in range(0, AT_A_TIME, AT_ONCE):
            append_many(of)
        count += sequencer.integrate_once(datetime.now(UTC))
    cores = len(os.sched_getaffinity(0))
    checks: dict[str, Callable[[], Report]] = {
        "verify, one process": lambda: verify(of.database, folder / "ledger", sequencer.key),
        f"verify, {cores} cores": lambda: verify(of.database, folder / "ledger", sequencer.key, cores=cores),
        "fsck": lambda: fsck(folder / "ledger", sequencer.key),
    }
    for what, check in checks.items():
        with Watch() as watch:
            report = check()
        if not report.ok:
            raise SystemExit(f"{what}: {report.findings}")
        rate(what, count, watch.spent, "200,000 leaves/s")


def main() -> int:
    """Print everything."""
    machine()
    with domain() as (of, folder):
        for writers, count in PER_WRITERS:
            appending(of, writers, count)
        appending_many(of)
        checking(of, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
