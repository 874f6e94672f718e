"""Every consent with its proof, as lines that a program or an auditor reads without us (Art. 31).

A line of a consent holds its words, its evidence, and the body of its ledger event, whose SHA-256 is the entry at
`position` of the public tree; a line of a text holds what stood beside the button, under its own SHA-256. No values.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from omonat.consent import store
from omonat.kernel.ids import ConsentId, SubjectId
from omonat.ledger import Ledger
from omonat.storage import Database

PAGE = 500
EXPORT, RIGHT = "export_consents", "ledger.verify"
Place = tuple[SubjectId, ConsentId]
Lines = Iterator[dict[str, Any]]
_PROOF = ("form", "method", "given_by", "given_at", "reference", "offset_seconds", "script", "actor")
_ENTRY = ("body", "hash", "position")


class ConsentsPage(NamedTuple):
    """Lines of consents, the texts that they name, and after which consent the next page begins; None: the last."""

    consents: list[dict[str, Any]]
    texts: list[dict[str, Any]]
    following: Place | None


def export_consents(database: Database, ledger: Ledger, *, actor: str, now: datetime, page: int = PAGE) -> Lines:
    """Consents in the order of their people, then each text that they name. Memory stays bounded by one page.

    That everything was asked for is entered into the ledger before the first line leaves.
    """
    database.write(lambda tx: _note(tx, ledger, actor, now))
    return _all_lines(database, page)


def export_page(
    database: Database, ledger: Ledger, after: Place | None, limit: int, *, actor: str, now: datetime
) -> ConsentsPage:
    """The same page by page, for a caller that comes again; each page is entered into the ledger before it leaves."""
    database.write(lambda tx: _note(tx, ledger, actor, now))
    with database.read() as tx:
        found = store.exported(tx, after, limit + 1)
        shown = found[:limit]
        named = store.texts(tx, {row["text_hash"] for row in shown})
    return ConsentsPage([_line(row) for row in shown], named, _place(shown[-1]) if len(found) > limit else None)


def _all_lines(database: Database, page: int) -> Lines:
    hashes: set[str] = set()
    after: Place | None = None
    while True:
        with database.read() as tx:
            found = store.exported(tx, after, page)
        if not found:
            break
        hashes |= {row["text_hash"] for row in found}
        yield from (_line(row) for row in found)
        after = _place(found[-1])
    with database.read() as tx:
        kept = store.texts(tx, hashes)
    for text in kept:
        yield {"kind": "text", **text}


def _note(tx: Connection, ledger: Ledger, actor: str, now: datetime) -> None:
    ledger.append(tx, kind="consents_exported", at=now, facts={"actor": actor})


def _place(row: dict[str, Any]) -> Place:
    return SubjectId(row["subject_id"]), ConsentId(row["consent_id"])


def _line(row: dict[str, Any]) -> dict[str, Any]:
    plain = {str(name): value for name, value in row.items() if name not in (*_PROOF, *_ENTRY)}
    proof = {name: row[name] for name in _PROOF} if row["form"] is not None else None
    entry = {"event": row["body"].decode(), "hash": bytes(row["hash"]).hex(), "position": row["position"]}
    return {"kind": "consent", **plain, "evidence": proof, "entry": entry}
