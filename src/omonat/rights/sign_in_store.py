"""SQL of one-time codes and portal sessions. A code is stored nowhere, a token as its keyed tag only."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from omonat.kernel.ids import SubjectId
from omonat.storage.schema import challenge, portal_session, record, submission
from omonat.vault.rows import same


class Challenge(NamedTuple):
    """One question for a code. `subject_id` None: the address is not held, so no code was ever sent."""

    challenge_id: UUID
    kind: str
    tag: bytes
    browser_tag: bytes
    subject_id: UUID | None
    identifier_id: UUID | None
    language: str
    intent: str
    expires_at: datetime
    used_at: datetime | None


_CHALLENGE = [challenge.c[name] for name in Challenge._fields]


class StoredSession(NamedTuple):
    """One session."""

    session_id: UUID
    subject_id: UUID | None
    kind: str
    tag: bytes
    created_at: datetime
    expires_at: datetime


_SESSION = [portal_session.c[name] for name in StoredSession._fields]


def insert_challenge(tx: Connection, asked: Challenge, now: datetime) -> None:
    tx.execute(insert(challenge).values(**asked._asdict(), created_at=now, tries=0))


def count_challenges(tx: Connection, kind: str, tag: bytes, since: datetime) -> int:
    """How many codes were asked for with that identifier, whoever asked."""
    c = challenge.c
    wanted = select(func.count()).where(c.kind == kind, c.tag.in_(same(tag)), c.created_at > since)
    return int(tx.scalar(wanted) or 0)


def find_challenge(tx: Connection, challenge_id: UUID) -> Challenge | None:
    row = tx.execute(select(*_CHALLENGE).where(challenge.c.challenge_id == challenge_id)).first()
    return Challenge(*row) if row else None


def count_try(tx: Connection, challenge_id: UUID, most: int, now: datetime) -> bool:
    """Use up one try; False when none is left, or the challenge is over."""
    c = challenge.c
    open_ = and_(c.challenge_id == challenge_id, c.used_at.is_(None), c.expires_at > now, c.tries < most)
    return tx.execute(update(challenge).where(open_).values(tries=c.tries + 1)).rowcount == 1


def use_challenge(tx: Connection, challenge_id: UUID, now: datetime) -> bool:
    """A code opens once."""
    c = challenge.c
    unused = and_(c.challenge_id == challenge_id, c.used_at.is_(None))
    return tx.execute(update(challenge).where(unused).values(used_at=now)).rowcount == 1


def prune(tx: Connection, challenges_before: datetime, now: datetime) -> None:
    """Forget what is over: a challenge holds the tag of an address that may be nobody's here."""
    tx.execute(delete(challenge).where(challenge.c.expires_at < challenges_before))
    tx.execute(delete(portal_session).where(portal_session.c.expires_at < now))


def insert_session(tx: Connection, token_tag: bytes, session: StoredSession) -> None:
    tx.execute(insert(portal_session).values(token_tag=token_tag, **session._asdict()))


def find_session(tx: Connection, token_tag: bytes, now: datetime) -> StoredSession | None:
    c = portal_session.c
    row = tx.execute(select(*_SESSION).where(c.token_tag == token_tag, c.expires_at > now)).first()
    return StoredSession(*row) if row else None


def give_session(tx: Connection, token_tag: bytes, subject_id: SubjectId) -> bool:
    """The person has said who he is; once."""
    c = portal_session.c
    pending = and_(c.token_tag == token_tag, c.subject_id.is_(None))
    return tx.execute(update(portal_session).where(pending).values(subject_id=subject_id)).rowcount == 1


def end_session(tx: Connection, token_tag: bytes) -> None:
    tx.execute(delete(portal_session).where(portal_session.c.token_tag == token_tag))


def end_sessions_of(tx: Connection, subject_id: SubjectId) -> None:
    tx.execute(delete(portal_session).where(portal_session.c.subject_id == subject_id))


def newest_submission(tx: Connection, subject_id: SubjectId) -> tuple[str, datetime] | None:
    """(form, moment) of the newest submission: what a person recognises it by."""
    c = submission.c
    newest = select(c.form, c.submitted_at).where(c.subject_id == subject_id).order_by(c.submitted_at.desc()).limit(1)
    row = tx.execute(newest).first()
    return (row.form, row.submitted_at) if row else None


def find_name_record(tx: Connection, subject_id: SubjectId, now: datetime) -> Any | None:
    """The id of a name that is not due."""
    c = record.c
    stands = c.keep_until.is_(None) | (c.keep_until > now)
    wanted = select(c.record_id).where(c.subject_id == subject_id, c.field == "name", stands)
    return tx.scalar(wanted.order_by(c.record_id.desc()).limit(1))
