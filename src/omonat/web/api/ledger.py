"""The ledger: its signed head, entries as kind and hash, a verification as a job (clause 6.2)."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from omonat.kernel.errors import NotFound
from omonat.ledger import Published
from omonat.web.api.call import Call, each_shaped, shaped
from omonat.web.api.operations import operation
from omonat.web.api.runs import RunShape
from omonat.web.api.shapes import Moment, Page, PageQuery, Shape, Word

TAG = "Ledger"
VERIFY = "verify"


class CheckpointShape(Shape, frozen=True, kw_only=True):
    """The newest signed head (C2SP tlog-checkpoint) and the key that signs it."""

    checkpoint: str
    vkey: str


class EntryShape(Shape, frozen=True, kw_only=True):
    """An entry: what is published of it is its hash."""

    position: Annotated[int, Meta(ge=0)]
    at: Moment
    kind: str
    hash: str


class EntryPage(Page, frozen=True, kw_only=True):
    """Entries, the newest first."""

    items: list[EntryShape]


class EntryQuery(PageQuery, frozen=True, kw_only=True):
    """Which entries."""

    kind: Word | None = None


@operation("GET", "/ledger/checkpoint", id="getCheckpoint", right="ledger.verify", tag=TAG, errors=("not_found",))
def get_checkpoint(call: Call) -> CheckpointShape:
    """The newest signed head; keep one elsewhere."""
    omonat = call.omonat
    key = omonat.verifier_key()
    head = Published(omonat.settings.ledger, key).checkpoint().decode("utf-8", "replace")
    return CheckpointShape(checkpoint=head, vkey=key.text())


@operation("GET", "/ledger/entries", id="listLedgerEntries", right="ledger.verify", tag=TAG)
def list_ledger_entries(call: Call, query: EntryQuery) -> EntryPage:
    """Entries, the newest first: kind and hash, never what they say."""
    after = call.after(query.cursor)
    found = call.omonat.registers.entries(
        call.key, query.kind or "", int(after) if after is not None else None, query.limit + 1
    )
    shown, following = call.page(found, query.limit, lambda line: str(line.position))
    return EntryPage(items=each_shaped(shown, EntryShape), next=following)


@operation("POST", "/ledger/verifications", id="verifyLedger", right="ledger.verify", tag=TAG, status=202)
def verify_ledger(call: Call) -> RunShape:
    """Recompute the whole ledger: a job."""
    run: Any = call.omonat.runs.start(VERIFY, {}, actor=call.actor, now=call.now)
    return shaped(run, RunShape)


@operation("GET", "/ledger/verifications/{run_id}", id="getVerification", right="ledger.verify", tag=TAG)
def get_verification(call: Call, run_id: UUID) -> RunShape:
    """How far a verification is, and what it found."""
    run = call.omonat.runs.get(run_id)
    if run.kind != VERIFY:
        raise NotFound
    return shaped(run, RunShape)
