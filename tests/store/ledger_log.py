"""A ledger to test with: its database, its folder, its nodes, and who tampers with it."""

import re
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update

from omonat.crypto.signing import Signer
from omonat.kernel.ids import EventId
from omonat.ledger import Ledger, Report, Sequencer, Tree, open_checkpoint, verifier_key_of, verify
from omonat.ledger.note import Checkpoint
from omonat.storage import Database
from omonat.storage.schema import ledger_event

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ORIGIN = "iptelefoniya.uz/omonat"
SIGNER = Signer(bytes(range(32)))
KEY = verifier_key_of(ORIGIN, SIGNER)


class Log:
    """A ledger, its folder and the sequencer of one node."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.ledger = Ledger()
        self.sequencer = self.node()

    def node(self) -> Sequencer:
        """One more node, as after a restart or beside the first."""
        return Sequencer(self.database, self.folder, origin=ORIGIN, signer=SIGNER)

    def append(self, count: int) -> list[EventId]:
        """`count` events, in one transaction."""
        return self.database.write(
            lambda tx: [self.ledger.append(tx, kind="test", at=NOW, facts={"number": n}) for n in range(count)]
        )

    def integrate(self, count: int = 0) -> bytes:
        """Append `count` events, integrate, return the checkpoint."""
        self.append(count)
        self.sequencer.integrate_once(NOW)
        return Tree(self.folder).checkpoint()

    def verify(self, old: bytes | None = None) -> Report:
        return verify(self.database, self.folder, KEY, old_checkpoint=old)

    def head(self) -> Checkpoint:
        return open_checkpoint(Tree(self.folder).checkpoint(), KEY)

    def rows(self) -> list[Any]:
        with self.database.read() as tx:
            return list(tx.execute(select(ledger_event).order_by(ledger_event.c.position)))

    def positions(self) -> list[int | None]:
        return [row.position for row in self.rows()]

    def tamper(self, *statements: Any) -> None:
        """What somebody with the database does, past every door."""

        def unit(tx: Any) -> None:
            for statement in statements:
                tx.execute(statement)

        self.database.write(unit)


def at(position: int) -> Any:
    return ledger_event.c.position == position


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


def restore(log: Log, rows: list[Any]) -> None:
    """The database is what it was; the tiles are not in the backup and stay."""
    log.tamper(delete(ledger_event), *(insert(ledger_event).values(**row._mapping) for row in rows))
    log.sequencer = log.node()


def rewritten(row: Any) -> bytes:
    return re.sub(rb'"number":\d+', b'"number":777', bytes(row.body))


def change_body_and_hash(log: Log) -> None:
    body = rewritten(log.rows()[5])
    log.tamper(update(ledger_event).where(at(5)).values(body=body, hash=sha256(body).digest()))


def remove_one(log: Log) -> None:
    log.tamper(delete(ledger_event).where(at(5)))
