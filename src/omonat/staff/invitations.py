"""Members of the staff come, change and leave (clause 6.2).

An invited account is inactive until its link is spent, once, within 72 hours. The link is kept as a keyed tag; where
it is mailed, address and link lie sealed until the letter went out. Who leaves is blocked in one unit: inactive, no
session, no invitation, no operating-system user.
"""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.crypto import keyed_tag, new_token, open_sealed, seal
from omonat.jobs import Outbox
from omonat.kernel.codec import from_json, length_prefixed, to_canonical_json
from omonat.kernel.errors import Conflict, InvalidInput, NotFound
from omonat.kernel.ids import InvitationId, StaffId, new_id
from omonat.kernel.secret import Sealed
from omonat.ledger import Ledger
from omonat.staff import invitations_store as store
from omonat.staff import store as accounts
from omonat.staff.invitations_model import VALID_FOR, Invitation, Invited, Kind, LinkSpent
from omonat.staff.model import Actor, StaffAccount, require
from omonat.staff.roles import ADMINISTER, require_administrator
from omonat.staff.sessions_store import delete_sessions_of
from omonat.storage import Database

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+", re.ASCII)

Forget = Callable[[Connection, StaffId, datetime], None]


class _Letter(msgspec.Struct):
    to: str
    token: str


class Members:
    """Who works for the operator.

    `secret` gives the secret `staff` of the key store; `forget` takes an account's password, factors and sessions away.
    """

    def __init__(
        self, database: Database, ledger: Ledger, outbox: Outbox, *, secret: Callable[[], bytes], forget: Forget
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._outbox = outbox
        self._secret = secret
        self._forget = forget

    # --- inviting -------------------------------------------------------------------------------------------------

    def invite(
        self, actor: Actor, name: str, roles: Sequence[str], *, email: str = "", language: str = "uz-Latn",
        now: datetime,
    ) -> Invited:  # fmt: skip
        """An account that may do nothing yet, and the link that lets its person in. Raises NotAllowed, InvalidInput,
        Conflict when the name is taken.
        """
        require(actor, ADMINISTER)
        account = StaffAccount(
            staff_id=StaffId(new_id()), name=name.strip(), roles=tuple(dict.fromkeys(roles)), os_user=None,
            active=False, created_at=now,
        )  # fmt: skip
        made = _invitation(account, "join", language, actor=actor.actor, now=now, email=email)
        token = Sealed(new_token())

        def unit(tx: Connection) -> None:
            check_account(account, accounts.roles(tx), email)
            if accounts.find_by_name(tx, account.name):
                raise Conflict
            accounts.insert_account(tx, account)
            self._put_email(tx, account.staff_id, email, now)
            self._append(tx, "staff_invited", actor, account, now=now, roles=list(account.roles))
            self._insert(tx, made, token, email)

        self._database.write(unit)
        return Invited(account, made, token)

    def new_link(
        self, actor: Actor, staff_id: StaffId, *, email: str = "", language: str = "uz-Latn", now: datetime
    ) -> Invited:  # fmt: skip
        """A fresh link: for an invitation that ran out, for who is locked out, for who comes back.

        Spending it replaces password and second factors, and makes a blocked account active. Earlier links end.
        Raises NotAllowed, NotFound.
        """
        require(actor, ADMINISTER)
        _check_email(email)
        return self._new_link(actor.actor, staff_id, email=email, language=language, now=now)

    def first_link(self, staff_id: StaffId, language: str, now: datetime) -> Invited:
        """For `omonat init` and `serve --dev`, on the machine itself: whoever runs them owns the installation."""
        return self._new_link("system", staff_id, email="", language=language, now=now)

    def _new_link(self, actor: str, staff_id: StaffId, *, email: str, language: str, now: datetime) -> Invited:
        token = Sealed(new_token())

        def unit(tx: Connection) -> Invited:
            account = _found(accounts.find_by_id(tx, staff_id))
            kind: Kind = "renew" if store.was_spent(tx, staff_id) else "join"
            made = _invitation(account, kind, language, actor=actor, now=now, email=email)
            store.revoke_all(tx, staff_id, now)
            facts: dict[str, object] = {"staff": str(staff_id), "actor": actor}
            self._ledger.append(tx, kind="staff_link_made", at=now, facts=facts)
            self._insert(tx, made, token, email)
            return Invited(account, made, token)

        return self._database.write(unit)

    def _insert(self, tx: Connection, made: Invitation, token: Sealed[str], email: str) -> None:
        letter = None
        if email:
            plain = to_canonical_json(_Letter(to=email, token=token.reveal()))
            letter = seal(self._seal_key(), plain, _context(made.invitation_id))
            self._outbox.add(
                tx, kind="staff_invitation", business_key=f"staff_invitation:{made.invitation_id}",
                payload={"invitation": str(made.invitation_id)}, now=made.made_at,
            )  # fmt: skip
        store.insert_invitation(tx, made, self._tag(token), letter)

    def letter(self, invitation_id: UUID, now: datetime) -> tuple[Invitation, Sealed[str], Sealed[str]] | None:
        """(invitation, address, token) for the letter that waits; None when it went out or is of no use any more."""
        with self._database.read() as tx:
            found = store.find_letter(tx, invitation_id)
        if found is None or not found[0].is_open(now):
            return None
        plain = open_sealed(self._seal_key(), found[1], _context(found[0].invitation_id))
        letter = from_json(plain, _Letter)
        return found[0], Sealed(letter.to), Sealed(letter.token)

    def mark_mailed(self, invitation_id: UUID, now: datetime) -> None:
        """The letter went out; address and link are held no longer."""
        self._database.write(lambda tx: store.set_mailed(tx, invitation_id, now))

    def forget_letters(self, now: datetime) -> int:
        """Drop sealed letters whose links ran out. Returns how many."""
        return self._database.write(lambda tx: store.forget_letters(tx, now))

    # --- accepting ------------------------------------------------------------------------------------------------

    def find(self, token: Sealed[str], now: datetime) -> tuple[Invitation, StaffAccount]:
        """Whose link this is. Raises LinkSpent; never says why."""
        with self._database.read() as tx:
            return self._open(tx, token, now)

    def spend(
        self, token: Sealed[str], now: datetime, also: Callable[[Connection, StaffAccount], None]
    ) -> StaffAccount:  # fmt: skip
        """Use the link up: the account is active from now on, and its sessions are ended. Once; raises LinkSpent.

        Older factors are gone; `also` runs in the same unit and sets the new password.
        """

        def unit(tx: Connection) -> StaffAccount:
            invitation, account = self._open(tx, token, now)
            if not store.set_spent(tx, invitation.invitation_id, now):
                raise LinkSpent
            accounts.set_active(tx, account.staff_id)
            self._forget(tx, account.staff_id, now)
            facts: dict[str, object] = {"staff": str(account.staff_id), "invitation": invitation.kind}
            self._ledger.append(tx, kind="staff_joined", at=now, facts=facts)
            joined = msgspec.structs.replace(account, active=True)
            also(tx, joined)
            return joined

        return self._database.write(unit)

    def _open(self, tx: Connection, token: Sealed[str], now: datetime) -> tuple[Invitation, StaffAccount]:
        invitation = store.find_by_tag(tx, self._tag(token))
        account = accounts.find_by_id(tx, invitation.staff_id) if invitation else None
        if invitation is None or account is None or not invitation.is_open(now):
            raise LinkSpent
        return invitation, account

    # --- changing and leaving -------------------------------------------------------------------------------------

    def set_roles(self, actor: Actor, staff_id: StaffId, roles: Sequence[str], now: datetime) -> StaffAccount:
        """Raises NotAllowed, NotFound, InvalidInput, LastAdministrator."""
        require(actor, ADMINISTER)

        def unit(tx: Connection) -> StaffAccount:
            before = _found(accounts.find_by_id(tx, staff_id))
            after = msgspec.structs.replace(before, roles=tuple(dict.fromkeys(roles)))
            check_account(after, accounts.roles(tx))
            accounts.set_roles(tx, staff_id, after.roles)
            require_administrator(tx)
            self._append(
                tx, "staff_roles_changed", actor, before, now=now, before=list(before.roles), after=list(after.roles)
            )
            return _found(accounts.find_by_id(tx, staff_id))

        return self._database.write(unit)

    def block(self, actor: Actor, staff_id: StaffId, now: datetime) -> StaffAccount:
        """Whoever leaves may do nothing from this moment on, anywhere. Repeating it is harmless.

        Raises NotAllowed, NotFound, LastAdministrator.
        """
        require(actor, ADMINISTER)

        def unit(tx: Connection) -> StaffAccount:
            account = _found(accounts.find_by_id(tx, staff_id))
            was_active = account.active
            accounts.set_inactive(tx, staff_id)
            require_administrator(tx)
            ended = delete_sessions_of(tx, staff_id)
            self._forget(tx, staff_id, now)
            store.delete_email(tx, staff_id)
            store.revoke_all(tx, staff_id, now)
            if was_active:
                self._append(tx, "staff_blocked", actor, account, now=now, sessions=ended)
            return _found(accounts.find_by_id(tx, staff_id))

        return self._database.write(unit)

    def revoke(self, actor: Actor, staff_id: StaffId, now: datetime) -> None:
        """End the open links of an account. Raises NotAllowed, NotFound."""
        require(actor, ADMINISTER)

        def unit(tx: Connection) -> None:
            account = _found(accounts.find_by_id(tx, staff_id))
            if store.revoke_all(tx, staff_id, now):
                self._append(tx, "staff_link_revoked", actor, account, now=now)

        self._database.write(unit)

    def last_links(self) -> dict[StaffId, Invitation]:
        """The newest invitation of each account: tells who was invited from who was blocked."""
        with self._database.read() as tx:
            return store.newest(tx)

    # --- work e-mail ----------------------------------------------------------------------------------------------

    def set_work_email(self, actor: Actor, staff_id: StaffId, email: str, now: datetime) -> None:
        """Where a member is written to about his work, sealed; empty: nowhere. One's own, or with the right.

        Raises NotAllowed, NotFound, InvalidInput.
        """
        if staff_id != getattr(actor, "staff_id", None):
            require(actor, ADMINISTER)
        _check_email(email)

        def unit(tx: Connection) -> None:
            self._put_email(tx, _found(accounts.find_by_id(tx, staff_id)).staff_id, email, now)

        self._database.write(unit)

    def find_work_email(self, staff_id: UUID) -> Sealed[str] | None:
        """The work e-mail of an active member, where one was given."""
        with self._database.read() as tx:
            account = accounts.find_by_id(tx, StaffId(staff_id))
            sealed = store.find_email(tx, staff_id) if account is not None and account.active else None
        if sealed is None:
            return None
        return Sealed(open_sealed(self._seal_key(), sealed, _email_context(staff_id)).decode())

    def _put_email(self, tx: Connection, staff_id: StaffId, email: str, now: datetime) -> None:
        if not email:
            store.delete_email(tx, staff_id)
            return
        store.put_email(tx, staff_id, seal(self._seal_key(), email.encode(), _email_context(staff_id)), now)

    def _append(
        self, tx: Connection, kind: str, actor: Actor, account: StaffAccount, *, now: datetime, **facts: object
    ) -> None:
        """By id: the name of a member is personal, too, and stays out of the ledger where it need not be."""
        told: dict[str, object] = {"staff": str(account.staff_id), "actor": actor.actor, **facts}
        self._ledger.append(tx, kind=kind, at=now, facts=told)

    def _tag(self, token: Sealed[str]) -> bytes:
        return keyed_tag(self._secret(), b"staff invitation", token.reveal().encode())

    def _seal_key(self) -> bytes:
        return keyed_tag(self._secret(), b"staff invitation letter")


def check_account(account: StaffAccount, known: Collection[str], email: str = "") -> None:
    """Raises InvalidInput for a bad name, role or address."""
    problems = {}
    if not 0 < len(account.name) <= 110:
        problems["name"] = "A name is needed, at most 110 characters."
    if not account.roles or not set(account.roles) <= set(known):
        problems["roles"] = "Choose one or more of the roles."
    if email and not _EMAIL.fullmatch(email):
        problems["email"] = "This is not an e-mail address."
    if problems:
        raise InvalidInput(problems)


def _check_email(email: str) -> None:
    if email and not _EMAIL.fullmatch(email):
        raise InvalidInput({"email": "This is not an e-mail address."})


def _invitation(
    account: StaffAccount, kind: Kind, language: str, *, actor: str, now: datetime, email: str
) -> Invitation:
    return Invitation(
        invitation_id=InvitationId(new_id()), staff_id=account.staff_id, kind=kind, language=language, made_by=actor,
        made_at=now, expires_at=now + VALID_FOR, by_mail=bool(email),
    )  # fmt: skip


def _context(invitation_id: UUID) -> bytes:
    return length_prefixed(b"omonat/staff invitation/1", invitation_id.bytes)


def _email_context(staff_id: UUID) -> bytes:
    return length_prefixed(b"omonat/staff email/1", staff_id.bytes)


def _found(account: StaffAccount | None) -> StaffAccount:
    if account is None:
        raise NotFound
    return account
