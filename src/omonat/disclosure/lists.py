"""Mailing lists as jobs (clauses 3.1, 4.1, 7.1 c): counted first, drawn through the door *use*, sealed, fetched once.

A drawn list is sealed under a key that only this list has, in the key store. The key is destroyed when the list is
fetched, when it is a day old, and when it is cancelled: a consent may be withdrawn tomorrow. Therefore it is also
decided on everybody again when it is handed out, page by page, right before each page leaves.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Connection

from omonat.crypto import open_sealed, seal
from omonat.disclosure import packing
from omonat.disclosure.mailing import Census, Mailing, Order, Prepared
from omonat.disclosure.model import MailingRow
from omonat.jobs import Outcome, Progress, Run, Runs
from omonat.kernel.clock import Clock
from omonat.kernel.errors import InvalidInput, NotFound
from omonat.policy import Policies
from omonat.staff import Act, Actor, Approvals, Waiting, require
from omonat.storage import Database
from omonat.vault import Vault

COUNT, DRAW = "mailing_count", "mailing"
KINDS = (COUNT, DRAW)
RIGHT, EXPORT = "mailing.list", "export_many"
LISTS_LIVE = timedelta(hours=24)
_FORGOTTEN_AFTER = timedelta(hours=49)  # keys of lists that were never finished


class MailingLists:
    """Counts and draws lists; each is a run."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        policies: Policies,
        *,
        runs: Runs,
        approvals: Approvals,
        clock: Clock,
        base_url: str = "",
    ) -> None:
        self._database = database
        self._vault = vault
        self._policies = policies
        self._runs = runs
        self._approvals = approvals
        self._clock = clock
        self._base_url = base_url

    # --- asking ---------------------------------------------------------------------------------------------------

    def ask_count(self, purpose: str, channel: str, reason: str, *, by: Actor, now: datetime) -> Run:
        """Want to know how many may be written to. Raises NotAllowed, InvalidInput, Denied."""
        require(by, RIGHT)
        self._check(purpose, channel, reason, now)
        details = {"purpose": purpose, "channel": channel, "reason": reason.strip()}
        return self._database.write(lambda tx: self._runs.ask(tx, COUNT, details, actor=by.actor, now=now))

    def get_count(self, run_id: UUID) -> tuple[Run, Census]:
        """A finished count. Raises NotFound while it is none."""
        run = self._runs.get(run_id)
        if run.kind != COUNT or run.state != "done" or run.result is None:
            raise NotFound
        return run, Census(**run.result)

    def needs_second(self, census: Census, by: Actor) -> bool:
        """Whether another person has to approve the list. Raises SecondPersonMissing."""
        return census.may > 1 and self._approvals.needs_second(by, EXPORT)

    def ask_list(self, count_id: UUID, *, by: Actor, now: datetime) -> UUID | Waiting:
        """Want the list that was counted: the id of its run, or what waits for a second person (more than one name).

        Raises NotAllowed, NotFound, InvalidInput when nobody may be written to.
        """
        require(by, RIGHT)
        count, census = self.get_count(count_id)
        if not census.may:
            raise InvalidInput({"purpose": "There is nobody who may be written to."})
        payload = {"count": str(count_id), "purpose": count.details["purpose"], "channel": count.details["channel"]}
        if census.may == 1:
            return self._list(count, by.actor, now, None)
        outcome = self._approvals.act(by, EXPORT, payload, count.details["reason"], now)
        return outcome if isinstance(outcome, Waiting) else UUID(outcome.result["list"])

    def carry_export(self, act: Act) -> dict[str, str]:
        """What an approval leads to: the list is drawn for whoever asked. A repeat is the same list."""
        count, _census = self.get_count(UUID(act.payload["count"]))
        return {"list": str(self._list(count, act.asker.actor, act.now, act.approval_id))}

    def _list(self, count: Run, actor: str, now: datetime, run_id: UUID | None) -> UUID:
        details = {**count.details, "count": str(count.run_id)}
        ask = partial(self._runs.ask, actor=actor, now=now, run_id=run_id)
        return self._database.write(lambda tx: ask(tx, DRAW, details)).run_id

    def _check(self, purpose: str, channel: str, reason: str, now: datetime) -> None:
        if not 0 < len(reason.strip()) <= 200:
            raise InvalidInput({"reason": "Say in a few words what is going to be sent; each person sees it."})
        self._mailing(Order(purpose=purpose, channel=channel, actor="", reason=reason, now=now))

    def _mailing(self, order: Order) -> Mailing:
        return Mailing(self._database, self._vault, self._policies, order)

    # --- carrying out ---------------------------------------------------------------------------------------------

    def count(self, run: Run, progress: Progress) -> Outcome:
        """The work of a count."""
        census = self._mailing(self._order(run)).census(progress)
        return Outcome(counts={"asked": census.asked, "may": census.may, "left_out": census.left_out})

    def draw(self, run: Run, progress: Progress) -> Outcome:
        """The work of a list. After a crash it begins anew; whoever was journalled before is journalled again."""
        mailing = self._mailing(self._order(run))
        prepared = mailing.prepare(progress)
        content, count = packing.pack(_noted(mailing, prepared, progress))
        now = self._clock.now()
        key = self._vault.keystore.make_passing(run.run_id, now)
        sealed = seal(key, content, run.run_id.bytes)
        return Outcome(counts={"people": count}, sealed=sealed, until=now + LISTS_LIVE)

    def _order(self, run: Run) -> Order:
        said = run.details
        return Order(
            purpose=said["purpose"], channel=said["channel"], actor=run.actor, reason=said["reason"],
            now=self._clock.now(), base_url=self._base_url,
        )  # fmt: skip

    # --- fetching -------------------------------------------------------------------------------------------------

    def fetch(self, run_id: UUID, *, by: Actor, now: datetime) -> Iterator[bytes]:
        """The list as CSV, once, for whoever asked for it; then it is destroyed. Raises NotAllowed, NotFound, Denied.

        In pages: right before each is handed out, whoever withdrew, objected or was erased since is left out of it.
        """
        require(by, RIGHT)
        run = self._runs.get(run_id)
        if run.kind != DRAW or run.actor != by.actor:
            raise NotFound
        mailing = self._mailing(self._order(run))
        key = self._vault.keystore.open_passing(run_id)

        def unit(tx: Connection) -> bytes:
            sealed = self._runs.fetch(tx, run_id, now)
            facts: dict[str, object] = {
                "list": str(run_id), "actor": by.actor, "count": (run.result or {}).get("people", 0),
            }  # fmt: skip
            self._vault.events.ledger.append(tx, kind="mailing_fetched", at=now, facts=facts)
            return sealed

        content = open_sealed(key, self._database.write(unit), run_id.bytes)
        self._destroy([run_id])
        return _released(mailing, content)

    def cancel(self, run_id: UUID, *, by: Actor, now: datetime) -> bool:
        """Stop a count or a list that waits or runs. Raises NotAllowed, NotFound."""
        require(by, RIGHT)
        run = self._runs.get(run_id)
        if run.kind not in KINDS or run.actor != by.actor:
            raise NotFound
        stopped = self._runs.cancel(run_id, now)
        self._destroy([run_id] if stopped else [])
        return stopped

    def forget_old(self, now: datetime) -> int:
        """Lists that are a day old are destroyed, fetched or not. Repeating it is harmless."""
        return self._destroy(self._runs.forget_old_results(now), now - _FORGOTTEN_AFTER)

    def _destroy(self, lists: list[UUID], made_before: datetime | None = None) -> int:
        if lists:
            self._database.scrub()
        return self._vault.keystore.destroy_passing(lists, made_before)


def _noted(mailing: Mailing, prepared: Prepared, progress: Progress) -> Iterator[MailingRow]:
    done, total = 0, len(prepared)
    progress(done, total)
    for page in mailing.batches(prepared):
        yield from page
        done += len(page)
        progress(done, total)


def _released(mailing: Mailing, content: bytes) -> Iterator[bytes]:
    """What may still be used of a list, each page decided on anew when it is asked for."""
    yield packing.HEADER
    for page in packing.unpack(content):
        allowed = mailing.still_allowed([subject_id for subject_id, _line in page])
        yield b"".join(line for subject_id, line in page if subject_id in allowed)
