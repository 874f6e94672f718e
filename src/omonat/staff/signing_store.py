"""The SQL of passwords, second factors, recovery codes, ceremonies, tries and security events."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, update

from omonat.kernel.ids import EventId, StaffId
from omonat.staff.model import StaffAccount
from omonat.staff.signing_model import Factors, Passkey, SecurityEvent
from omonat.staff.store import find_by_id
from omonat.storage.schema import (
    staff_attempt,
    staff_ceremony,
    staff_identity,
    staff_passkey,
    staff_password,
    staff_recovery_code,
    staff_security_event,
    staff_totp,
)


class StoredTotp(NamedTuple):
    """The row of an authenticator app."""

    sealed_secret: bytes | None
    sealed_next: bytes | None
    last_step: int


class StoredPasskey(NamedTuple):
    """What an answer of a passkey is checked against."""

    passkey_id: UUID
    staff_id: StaffId
    public_key: bytes
    counter: int


class Ceremony(NamedTuple):
    """A step that waits for the next; nobody's where nobody is known yet."""

    kind: str
    staff_id: StaffId | None


# --- passwords --------------------------------------------------------------------------------------------------------


def find_password(tx: Connection, staff_id: StaffId) -> str | None:
    found: str | None = tx.scalar(select(staff_password.c.hash).where(staff_password.c.staff_id == staff_id))
    return found


def put_password(tx: Connection, staff_id: StaffId, kept: str, now: datetime) -> None:
    table = staff_password
    changed = tx.execute(update(table).where(table.c.staff_id == staff_id).values(hash=kept, set_at=now)).rowcount
    if not changed:
        tx.execute(insert(table).values(staff_id=staff_id, hash=kept, set_at=now))


# --- tries ------------------------------------------------------------------------------------------------------------


def failures_of(tx: Connection, tag: bytes) -> tuple[int, datetime | None]:
    """(failed tries, until when none counts)."""
    c = staff_attempt.c
    row = tx.execute(select(c.failures, c.closed_until).where(c.what_tag == tag)).first()
    return (row.failures, row.closed_until) if row else (0, None)


def put_failures(tx: Connection, tag: bytes, failures: int, *, now: datetime, closed_until: datetime) -> None:
    table = staff_attempt
    values = {"failures": failures, "last_at": now, "closed_until": closed_until}
    if not tx.execute(update(table).where(table.c.what_tag == tag).values(**values)).rowcount:
        tx.execute(insert(table).values(what_tag=tag, **values))


def forget_failures(tx: Connection, *tags: bytes) -> None:
    tx.execute(delete(staff_attempt).where(staff_attempt.c.what_tag.in_(tags)))


def prune(tx: Connection, before: datetime, now: datetime) -> None:
    """Tries that are long ago, ceremonies that ran out."""
    tx.execute(delete(staff_attempt).where(staff_attempt.c.last_at < before))
    tx.execute(delete(staff_ceremony).where(staff_ceremony.c.expires_at <= now))


# --- ceremonies -------------------------------------------------------------------------------------------------------


def insert_ceremony(tx: Connection, tag: bytes, ceremony: Ceremony, expires_at: datetime) -> None:
    kind, staff_id = ceremony
    tx.execute(insert(staff_ceremony).values(token_tag=tag, kind=kind, staff_id=staff_id, expires_at=expires_at))


def find_ceremony(tx: Connection, tag: bytes, kind: str, now: datetime) -> Ceremony | None:
    c = staff_ceremony.c
    row = tx.execute(select(c.staff_id).where(c.token_tag == tag, c.kind == kind, c.expires_at > now)).first()
    return Ceremony(kind, StaffId(row.staff_id) if row.staff_id else None) if row else None


def end_ceremony(tx: Connection, tag: bytes) -> bool:
    """Whether it was still there: of two who end it, one does."""
    return tx.execute(delete(staff_ceremony).where(staff_ceremony.c.token_tag == tag)).rowcount == 1


def end_ceremonies_of(tx: Connection, staff_id: StaffId) -> None:
    tx.execute(delete(staff_ceremony).where(staff_ceremony.c.staff_id == staff_id))


# --- authenticator app ------------------------------------------------------------------------------------------------


def find_totp(tx: Connection, staff_id: StaffId) -> StoredTotp | None:
    c = staff_totp.c
    row = tx.execute(select(c.sealed_secret, c.sealed_next, c.last_step).where(c.staff_id == staff_id)).first()
    return StoredTotp(*row) if row else None


def put_next_totp(tx: Connection, staff_id: StaffId, sealed: bytes) -> None:
    table = staff_totp
    if not tx.execute(update(table).where(table.c.staff_id == staff_id).values(sealed_next=sealed)).rowcount:
        tx.execute(insert(table).values(staff_id=staff_id, sealed_next=sealed, last_step=0))


def confirm_totp(tx: Connection, staff_id: StaffId, sealed: bytes, step: int, now: datetime) -> bool:
    """The shown secret becomes the one that counts; False when another one was shown meanwhile."""
    c = staff_totp.c
    values = {"sealed_secret": sealed, "sealed_next": None, "last_step": step, "confirmed_at": now}
    chosen = update(staff_totp).where(c.staff_id == staff_id, c.sealed_next == sealed)
    return tx.execute(chosen.values(**values)).rowcount == 1


def use_totp_step(tx: Connection, staff_id: StaffId, step: int) -> bool:
    """Whether the step is later than every one that was accepted: a code counts once."""
    c = staff_totp.c
    chosen = update(staff_totp).where(c.staff_id == staff_id, c.last_step < step)
    return tx.execute(chosen.values(last_step=step)).rowcount == 1


def delete_totp(tx: Connection, staff_id: StaffId) -> bool:
    return tx.execute(delete(staff_totp).where(staff_totp.c.staff_id == staff_id)).rowcount == 1


# --- passkeys ---------------------------------------------------------------------------------------------------------


def insert_passkey(
    tx: Connection, key: StoredPasskey, *, hashed: bytes, credential: bytes, name: str, now: datetime
) -> None:
    tx.execute(
        insert(staff_passkey).values(
            passkey_id=key.passkey_id, staff_id=key.staff_id, credential_hash=hashed, credential=credential,
            public_key=key.public_key, counter=key.counter, name=name, made_at=now,
        )
    )  # fmt: skip


def find_passkey(tx: Connection, hashed: bytes) -> StoredPasskey | None:
    c = staff_passkey.c
    row = tx.execute(
        select(c.passkey_id, c.staff_id, c.public_key, c.counter).where(c.credential_hash == hashed)
    ).first()
    return StoredPasskey(row.passkey_id, StaffId(row.staff_id), row.public_key, row.counter) if row else None


def credentials_of(tx: Connection, staff_id: StaffId) -> list[bytes]:
    return list(tx.scalars(select(staff_passkey.c.credential).where(staff_passkey.c.staff_id == staff_id)))


def use_passkey(tx: Connection, key: StoredPasskey, counter: int, now: datetime) -> bool:
    """Keep the counter; False when another answer was accepted meanwhile."""
    c = staff_passkey.c
    chosen = update(staff_passkey).where(c.passkey_id == key.passkey_id, c.counter == key.counter)
    return tx.execute(chosen.values(counter=counter, used_at=now)).rowcount == 1


def rename_passkey(tx: Connection, staff_id: StaffId, passkey_id: UUID, name: str) -> bool:
    c = staff_passkey.c
    chosen = update(staff_passkey).where(c.passkey_id == passkey_id, c.staff_id == staff_id)
    return tx.execute(chosen.values(name=name)).rowcount == 1


def delete_passkey(tx: Connection, staff_id: StaffId, passkey_id: UUID) -> bool:
    c = staff_passkey.c
    return tx.execute(delete(staff_passkey).where(c.passkey_id == passkey_id, c.staff_id == staff_id)).rowcount == 1


# --- recovery codes ---------------------------------------------------------------------------------------------------


def put_recovery_codes(tx: Connection, staff_id: StaffId, tags: list[bytes], now: datetime) -> None:
    """The old ones are void."""
    tx.execute(delete(staff_recovery_code).where(staff_recovery_code.c.staff_id == staff_id))
    tx.execute(insert(staff_recovery_code), [{"code_tag": tag, "staff_id": staff_id, "made_at": now} for tag in tags])


def use_recovery_code(tx: Connection, staff_id: StaffId, tag: bytes, now: datetime) -> bool:
    c = staff_recovery_code.c
    chosen = update(staff_recovery_code).where(c.code_tag == tag, c.staff_id == staff_id, c.used_at.is_(None))
    return tx.execute(chosen.values(used_at=now)).rowcount == 1


# --- single sign-on ---------------------------------------------------------------------------------------------------


def find_identity(tx: Connection, issuer: str, tag: bytes) -> StaffAccount | None:
    c = staff_identity.c
    found = tx.scalar(select(c.staff_id).where(c.issuer == issuer, c.subject_tag == tag))
    return find_by_id(tx, StaffId(found)) if found else None


def put_identity(tx: Connection, staff_id: StaffId, issuer: str, tag: bytes, now: datetime) -> None:
    """Raises IntegrityError when the identity belongs to another account."""
    delete_identities(tx, staff_id)
    tx.execute(insert(staff_identity).values(issuer=issuer, subject_tag=tag, staff_id=staff_id, bound_at=now))


def delete_identities(tx: Connection, staff_id: StaffId) -> bool:
    return tx.execute(delete(staff_identity).where(staff_identity.c.staff_id == staff_id)).rowcount > 0


# --- everything of an account -----------------------------------------------------------------------------------------


def factors_of(tx: Connection, staff_id: StaffId) -> Factors:
    """Two statements, for the account page."""
    c, code = staff_passkey.c, staff_recovery_code.c
    rows = tx.execute(
        select(c.passkey_id, c.name, c.made_at, c.used_at).where(c.staff_id == staff_id).order_by(c.made_at)
    )
    left = select(func.count()).select_from(staff_recovery_code)
    bound = select(func.max(staff_identity.c.bound_at)).where(staff_identity.c.staff_id == staff_id)
    found = tx.execute(
        select(
            select(staff_password.c.set_at).where(staff_password.c.staff_id == staff_id).scalar_subquery(),
            select(staff_totp.c.confirmed_at).where(staff_totp.c.staff_id == staff_id).scalar_subquery(),
            left.where(code.staff_id == staff_id, code.used_at.is_(None)).scalar_subquery(),
            bound.scalar_subquery(),
        )
    ).one()
    password_at, totp_at, codes_left, sign_on_at = found
    return Factors(
        password_at=password_at, totp_at=totp_at, passkeys=tuple(Passkey(*row) for row in rows),
        codes_left=codes_left or 0, sign_on_at=sign_on_at,
    )  # fmt: skip


def has_second_factor(tx: Connection, staff_id: StaffId) -> bool:
    """Whether an authenticator app is confirmed or a passkey held."""
    totp = select(staff_totp.c.staff_id).where(
        staff_totp.c.staff_id == staff_id, staff_totp.c.confirmed_at.is_not(None)
    )
    key = select(staff_passkey.c.staff_id).where(staff_passkey.c.staff_id == staff_id)
    return tx.scalar(totp.limit(1)) is not None or tx.scalar(key.limit(1)) is not None


def forget_factors(tx: Connection, staff_id: StaffId) -> None:
    """Nothing to sign in with is left: for who leaves, and for who lost everything and is let in anew."""
    for table in (staff_password, staff_totp, staff_passkey, staff_recovery_code, staff_identity, staff_ceremony):
        tx.execute(delete(table).where(table.c.staff_id == staff_id))


def add_event(tx: Connection, event_id: EventId, staff_id: StaffId, kind: str, *, at: datetime, device: str) -> None:
    tx.execute(
        insert(staff_security_event).values(event_id=event_id, staff_id=staff_id, kind=kind, at=at, device=device)
    )


def events_of(tx: Connection, staff_id: StaffId, most: int) -> list[SecurityEvent]:
    c = staff_security_event.c
    rows = tx.execute(
        select(c.kind, c.at, c.device)
        .where(c.staff_id == staff_id)
        .order_by(c.at.desc(), c.event_id.desc())
        .limit(most)
    )
    return [SecurityEvent(*row) for row in rows]
