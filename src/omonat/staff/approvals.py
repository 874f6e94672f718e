"""Four eyes: an act of weight is asked for by one person, approved by another, and carried out once (clause 6.2).

    done = omonat.approvals.act(actor, "release_hold", {"hold": str(hold_id)}, reason, now)
    if isinstance(done, Waiting): ...

What is carried out is a function per kind, registered in `app.py`: `approvals.carriers["release_hold"] = carry`.
Where nobody else has the right, the setting `four_eyes` decides: `when_two` lets one person act, and the ledger says
`alone`; `always` refuses.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.kernel.codec import to_canonical_json
from omonat.kernel.errors import InvalidInput, NotAllowed, NotFound, OmonatError
from omonat.kernel.ids import new_id
from omonat.ledger import Ledger
from omonat.staff import approvals_store as store
from omonat.staff import store as accounts
from omonat.staff.approvals_model import (
    KINDS,
    TAKEN_UP,
    VALID_FOR,
    Act,
    Approval,
    ApprovalOver,
    Carrier,
    Done,
    OwnAct,
    SecondPersonMissing,
    State,
    Waiting,
    state_after,
)  # fmt: skip
from omonat.staff.model import Actor, StaffAccount, require
from omonat.storage import Database

HANGS_AFTER = timedelta(minutes=10)  # a carrier that has not come back by then died with its process
_LONGEST_REASON = 500


class Approvals:
    """Acts that two people answer for.

    `find_actor` gives whoever asked, by the name that journals use, with the rights that he has now; None: gone.
    """

    def __init__(self, database: Database, ledger: Ledger, *, four_eyes: str = "when_two") -> None:
        self._database = database
        self._ledger = ledger
        self._four_eyes = four_eyes
        self.carriers: dict[str, Carrier] = {}
        self.find_actor: Callable[[str], Actor | None] = self._find_member

    # --- for callers ----------------------------------------------------------------------------------------------

    def act(
        self, actor: Actor, kind: str, payload: Mapping[str, str], reason: str, now: datetime
    ) -> Done | Waiting:  # fmt: skip
        """Do it, or ask for a second person, as the rule says. `payload`: words and ids, never a value of a person.

        Raises NotAllowed, InvalidInput without a reason, SecondPersonMissing, and what the carrier raises.
        """
        require(actor, KINDS[kind])
        if self.needs_second(actor, kind):
            asked = self.ask(actor, kind, payload, reason, now)
            return Waiting(asked.approval_id, asked.expires_at)
        return self._alone(actor, kind, payload, reason=reason, now=now)

    def needs_second(self, actor: Actor, kind: str) -> bool:
        """Whether `act` would wait. Raises SecondPersonMissing where four eyes are a must and there is nobody."""
        if self.others(actor, kind):
            return True
        if self._four_eyes == "always":
            raise SecondPersonMissing(right=KINDS[kind])
        return False

    def others(self, actor: Actor, kind: str) -> list[StaffAccount]:
        """The active accounts that could be the second person."""
        with self._database.read() as tx:
            everybody = accounts.list_accounts(tx)
        return [one for one in everybody if KINDS[kind] in one.rights and not _is_same(one, actor)]

    def ask(self, actor: Actor, kind: str, payload: Mapping[str, str], reason: str, now: datetime) -> Approval:
        """Put an act before a second person; the same act that still waits is returned as it is."""
        require(actor, KINDS[kind])
        made = _made(actor, kind, payload, reason=reason, now=now)
        digest = _digest(payload)

        def unit(tx: Connection) -> Approval:
            known = store.find_open(tx, kind, digest, actor.actor, now)
            if known is not None:
                return known
            store.insert_approval(tx, made, digest)
            self._append(tx, "approval_asked", made, digest, actor=actor.actor, now=now)
            return made

        return self._database.write(unit)

    # --- for the second person ------------------------------------------------------------------------------------

    def decide(
        self, actor: Actor, approval_id: UUID, *, yes: bool, reason: str, now: datetime
    ) -> Approval:  # fmt: skip
        """Approve or refuse. Approved, it is carried out at once; the state says whether that went well.

        Raises NotFound, NotAllowed (also for an API key: two people answer), OwnAct, ApprovalOver, InvalidInput when
        a refusal has no reason.
        """
        if not isinstance(actor, StaffAccount):
            raise NotAllowed(right="a staff account")
        if not yes and not reason.strip():
            raise InvalidInput({"reason": "A reason is needed."})
        decided = self._database.write(lambda tx: self._decide(tx, actor, approval_id, yes=yes, reason=reason, now=now))
        if decided.state != "approved" or decided.kind in TAKEN_UP:
            return decided
        return self._carry(decided, now)

    def _decide(
        self, tx: Connection, actor: StaffAccount, approval_id: UUID, *, yes: bool, reason: str, now: datetime
    ) -> Approval:
        before = _found(store.find_approval(tx, approval_id))
        require(actor, KINDS[before.kind])
        if actor.staff_id == before.asked_id or actor.actor == before.asked_by:
            raise OwnAct
        after = msgspec.structs.replace(
            before, state=state_after(before, "approve" if yes else "refuse", now), decided_by=actor.actor,
            decided_at=now, decision_reason=reason.strip()[:_LONGEST_REASON],
        )  # fmt: skip
        _set(tx, before, after)
        kind = "approval_given" if yes else "approval_refused"
        self._append(tx, kind, after, _digest(after.payload), actor=actor.actor, now=now)
        return after

    def repeat(self, actor: Actor, approval_id: UUID, now: datetime) -> Approval:
        """Carry out once more what failed, or what hangs since its process died. Raises NotFound, ApprovalOver."""
        found = self.get(approval_id)
        require(actor, KINDS[found.kind])
        if found.alone or found.kind in TAKEN_UP:
            raise ApprovalOver
        if found.state == "carrying" and found.carried_at and now - found.carried_at > HANGS_AFTER:
            failed = msgspec.structs.replace(found, state="failed", failed="internal")
            self._database.write(lambda tx: _set(tx, found, failed))
            found = failed
        return self._carry(found, now)

    def take_up(
        self, actor: Actor, approval_id: UUID, kind: str, payload: Mapping[str, str], now: datetime
    ) -> Approval:  # fmt: skip
        """The person who asked takes up, once, what was approved: for kinds in TAKEN_UP.

        Raises NotFound unless it is his and the very same act, ApprovalOver when it is not approved, was taken up
        before, or ran out.
        """
        require(actor, KINDS[kind])

        def unit(tx: Connection) -> Approval:
            before = _found(store.find_approval(tx, approval_id))
            if before.asked_by != actor.actor or (before.kind, before.payload) != (kind, dict(payload)):
                raise NotFound
            if now >= before.expires_at:
                raise ApprovalOver
            taken = _after(before, state_after(before, "carry", now), now)
            done = _after(taken, state_after(taken, "done", now), now)
            _set(tx, before, done)
            self._append(tx, "approval_carried_out", done, _digest(done.payload), actor=actor.actor, now=now)
            return done

        return self._database.write(unit)

    # --- the list -------------------------------------------------------------------------------------------------

    def get(self, approval_id: UUID) -> Approval:
        """Raises NotFound."""
        with self._database.read() as tx:
            return _found(store.find_approval(tx, approval_id))

    def list(
        self, *, rights: frozenset[str] | None = None, open_at: datetime | None = None, after: UUID | None = None,
        limit: int = 50,
    ) -> Sequence[Approval]:  # fmt: skip
        """Newest first; with `rights` only the kinds that these rights decide on, with `open_at` only open ones."""
        kinds = None if rights is None else [kind for kind, right in KINDS.items() if right in rights]
        with self._database.read() as tx:
            return store.list_approvals(tx, kinds=kinds, open_at=open_at, after=after, limit=limit)

    def expire(self, now: datetime) -> int:
        """Mark what nobody decided in time; returns how many."""
        return self._database.write(lambda tx: store.set_expired(tx, now))

    # --- carrying out ---------------------------------------------------------------------------------------------

    def _carry(self, approved: Approval, now: datetime) -> Approval:
        """Claim it, so that it is done once; run the carrier; keep what came of it."""
        claimed = _after(approved, state_after(approved, "carry", now), now)
        self._database.write(lambda tx: _set(tx, approved, claimed))
        asker = self.find_actor(claimed.asked_by)
        if asker is None or KINDS[claimed.kind] not in asker.rights:
            return self._ended(claimed, "fail", now, failed="not_allowed")
        try:
            result = self._run(claimed, asker, now)
        except OmonatError as error:
            return self._ended(claimed, "fail", now, failed=error.code)
        except Exception:
            self._ended(claimed, "fail", now, failed="internal")
            raise
        return self._ended(claimed, "done", now, result=result)

    def _alone(
        self, actor: Actor, kind: str, payload: Mapping[str, str], *, reason: str, now: datetime
    ) -> Done:  # fmt: skip
        """One person acts, because there is no other: the row is claimed from the beginning."""
        made = _made(actor, kind, payload, reason=reason, now=now)
        claimed = msgspec.structs.replace(made, state="carrying", carried_at=now, alone=True)
        self._database.write(lambda tx: store.insert_approval(tx, claimed, _digest(payload)))
        try:
            result = {} if kind in TAKEN_UP else self._run(claimed, actor, now)
        except OmonatError as error:
            self._ended(claimed, "fail", now, failed=error.code)
            raise
        except Exception:
            self._ended(claimed, "fail", now, failed="internal")
            raise
        self._ended(claimed, "done", now, result=result)
        return Done(claimed.approval_id, result)

    def _run(self, claimed: Approval, asker: Actor, now: datetime) -> dict[str, str]:
        act = Act(
            approval_id=claimed.approval_id, payload=claimed.payload, reason=claimed.reason, asker=asker,
            approved_by=claimed.decided_by, now=now,
        )  # fmt: skip
        return dict(self.carriers[claimed.kind](act))

    def _ended(
        self, claimed: Approval, how: str, now: datetime, *, failed: str = "", result: Mapping[str, str] | None = None
    ) -> Approval:
        after = msgspec.structs.replace(
            claimed, state=state_after(claimed, how, now), failed=failed, result=dict(result or {})
        )

        def unit(tx: Connection) -> None:
            _set(tx, claimed, after)
            if how == "done":
                digest = _digest(after.payload)
                self._append(tx, "approval_carried_out", after, digest, actor=after.asked_by, now=now)

        self._database.write(unit)
        return after

    def _append(
        self, tx: Connection, kind: str, about: Approval, digest: str, *, actor: str, now: datetime
    ) -> None:
        facts: dict[str, object] = {
            "approval": str(about.approval_id), "act": about.kind, "payload_hash": digest, "actor": actor,
            "alone": about.alone,
        }  # fmt: skip
        self._ledger.append(tx, kind=kind, at=now, facts=facts)

    def _find_member(self, actor: str) -> Actor | None:
        with self._database.read() as tx:
            return accounts.find_by_name(tx, actor.removeprefix("staff:")) if actor.startswith("staff:") else None


def _is_same(account: StaffAccount, actor: Actor) -> bool:
    """An API key is not a second person beside whoever made it, where it says who that is."""
    return account.actor == actor.actor or account.staff_id == getattr(actor, "staff_id", None)


def _made(actor: Actor, kind: str, payload: Mapping[str, str], *, reason: str, now: datetime) -> Approval:
    if not reason.strip():
        raise InvalidInput({"reason": "A reason is needed."})
    return Approval(
        approval_id=new_id(), kind=kind, payload=dict(payload), reason=reason.strip()[:_LONGEST_REASON],
        asked_by=actor.actor, asked_id=getattr(actor, "staff_id", None), asked_at=now,
        expires_at=now + VALID_FOR, state="waiting",
    )  # fmt: skip


def _after(before: Approval, state: State, now: datetime) -> Approval:
    return msgspec.structs.replace(before, state=state, carried_at=now, failed="")


def _set(tx: Connection, before: Approval, after: Approval) -> None:
    if not store.set_approval(tx, before, after):
        raise ApprovalOver


def _found(approval: Approval | None) -> Approval:
    if approval is None:
        raise NotFound
    return approval


def _digest(payload: Mapping[str, str]) -> str:
    return sha256(to_canonical_json(dict(payload))).hexdigest()
