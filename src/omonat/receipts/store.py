"""SQL of receipts: what there is a receipt for, and the event behind it."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from omonat.kernel.ids import SubjectId
from omonat.storage.schema import consent_event, destruction, disclosure, event_opening


def consents_of(tx: Connection, subject_id: SubjectId) -> list[Any]:
    c = consent_event.c
    query = select(c.consent_id, c.at, c.action, c.purpose, c.channel).where(c.subject_id == subject_id)
    return list(tx.execute(query.order_by(c.at.desc(), c.consent_id.desc())))


def disclosures_of(tx: Connection, subject_id: SubjectId) -> list[Any]:
    c = disclosure.c
    query = select(c.disclosure_id, c.at, c.recipient, c.purpose).where(c.subject_id == subject_id)
    return list(tx.execute(query.order_by(c.at.desc(), c.disclosure_id.desc())))


def destructions_of(tx: Connection, subject_id: SubjectId) -> list[Any]:
    c = destruction.c
    query = select(c.event_id, c.finished_at, c.trigger)
    finished = query.where(c.subject_id == subject_id, c.finished_at.is_not(None), c.certificate.is_not(None))
    return list(tx.execute(finished.order_by(c.finished_at.desc(), c.event_id.desc())))


def find_consent(tx: Connection, subject_id: SubjectId, consent_id: UUID) -> Any | None:
    c = consent_event.c
    query = select(
        c.consent_id, c.event_id, c.purpose, c.channel, c.action, c.at, c.expires_at, c.policy_number, c.policy_hash,
        c.language, c.text_hash, c.categories, c.via, c.third_party, c.cross_border,
    )  # fmt: skip
    return tx.execute(query.where(c.subject_id == subject_id, c.consent_id == consent_id)).one_or_none()


def find_disclosure(tx: Connection, subject_id: SubjectId, disclosure_id: UUID) -> Any | None:
    c = disclosure.c
    query = select(c.disclosure_id, c.event_id, c.recipient, c.purpose, c.ground, c.categories, c.at)
    return tx.execute(query.where(c.subject_id == subject_id, c.disclosure_id == disclosure_id)).one_or_none()


def find_destruction(tx: Connection, subject_id: SubjectId, number: UUID) -> Any | None:
    """A finished destruction by the number of its certificate."""
    c = destruction.c
    query = select(c.event_id, c.certificate, c.certificate_event_id, c.scrubbed_at)
    found = query.where(c.subject_id == subject_id, c.event_id == number, c.certificate_event_id.is_not(None))
    return tx.execute(found).one_or_none()


def find_opening(tx: Connection, subject_id: SubjectId, event_id: UUID) -> bytes | None:
    c = event_opening.c
    query = select(c.sealed_salts).where(c.subject_id == subject_id, c.event_id == event_id)
    found = tx.execute(query).scalar_one_or_none()
    return None if found is None else bytes(found)
