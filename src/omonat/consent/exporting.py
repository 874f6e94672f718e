"""Every consent with its proof, as lines that a program or an auditor reads without us (Art. 31).

A line of a consent holds its words, its evidence, and the body of its ledger event, whose SHA-256 is the entry at
`position` of the public tree; a line of a text holds what stood beside the button, under its own SHA-256. No values.
"""

from collections.abc import Iterator
from typing import Any

from omonat.consent import store
from omonat.kernel.ids import ConsentId, SubjectId
from omonat.storage import Database

PAGE = 500
_PROOF = ("form", "method", "given_by", "given_at", "reference", "offset_seconds", "script", "actor")
_ENTRY = ("body", "hash", "position")


def export_consents(database: Database, page: int = PAGE) -> Iterator[dict[str, Any]]:
    """Consents in the order of their people, then each text that they name. Memory stays bounded by one page."""
    hashes: set[str] = set()
    after: tuple[SubjectId, ConsentId] | None = None
    while True:
        with database.read() as tx:
            found = store.exported(tx, after, page)
        if not found:
            break
        hashes |= {row["text_hash"] for row in found}
        yield from (_line(row) for row in found)
        after = (SubjectId(found[-1]["subject_id"]), ConsentId(found[-1]["consent_id"]))
    with database.read() as tx:
        kept = store.texts(tx, hashes)
    for text in kept:
        yield {"kind": "text", **text}


def _line(row: dict[str, Any]) -> dict[str, Any]:
    plain = {str(name): value for name, value in row.items() if name not in (*_PROOF, *_ENTRY)}
    proof = {name: row[name] for name in _PROOF} if row["form"] is not None else None
    entry = {"event": row["body"].decode(), "hash": bytes(row["hash"]).hex(), "position": row["position"]}
    return {"kind": "consent", **plain, "evidence": proof, "entry": entry}
