"""Many subscribers at once, for lists and benchmarks: rows as the doors would write them, without their events."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert

from omonat.app import Omonat
from omonat.kernel.ids import RecordId, SubjectId, new_id
from omonat.keystore import Compartment, SubjectKeys
from omonat.storage import schema
from omonat.vault.sealing import seal_value

PURPOSE, CHANNEL, CATEGORY = "news", "email", "email"
PART = Compartment(PURPOSE, CATEGORY)
PAGE = 5000


def subscribe(omonat: Omonat, count: int, *, sealed: bool = True, every: dict[str, int] | None = None) -> int:
    """`count` people with a proven address and a word about news by e-mail. Returns how many of them agree.

    `every`: how often one did not, by word: {"withdrawn": 10} makes each tenth withdraw. Without `sealed` nobody has
    keys and no address can be opened: for counting only.
    """
    now, agree, number = omonat.clock.now() - timedelta(minutes=1), 0, 0
    version = omonat.policies.in_force()
    while number < count:
        size = min(PAGE, count - number)
        people = _keys(omonat, size, now) if sealed else [None] * size
        rows: dict[Any, list[dict[str, Any]]] = {}
        with omonat.database.read() as tx:
            tags = omonat.vault.index.at(tx)
        for keys in people:
            said = next((word for word, each in (every or {}).items() if number % each == 0), "granted")
            agree += said == "granted"
            for table, row in _person(keys, number, said, now, version, tag_of=partial(tags.newest, CATEGORY)):
                rows.setdefault(table, []).append(row)
            number += 1

        def unit(tx, rows=rows):  # type: ignore[no-untyped-def]
            for table, lines in rows.items():
                tx.execute(insert(table), lines)

        omonat.database.write(unit)
    return agree


def _keys(omonat: Omonat, count: int, now: datetime) -> list[SubjectKeys | None]:
    return list(omonat.keystore.create_many(count, now, [PART]))


def _person(
    keys: SubjectKeys | None, number: int, said: str, now: datetime, version: Any, *, tag_of: Callable[[str], bytes]
) -> Iterator[tuple[Any, dict[str, Any]]]:  # fmt: skip
    address, record_id = f"person{number}@example.uz", RecordId(new_id())
    subject_id = keys.subject_id if keys else SubjectId(new_id())
    key_id, value = seal_value(keys, record_id, PART, address) if keys else (new_id(), b"not sealed")
    tag = tag_of(address)
    yield schema.subject, {"subject_id": subject_id, "kind": "person", "state": "active", "created_at": now}
    yield schema.record, {
        "subject_id": subject_id, "record_id": record_id, "submission_id": None, "case_id": None, "purpose": PURPOSE,
        "category": CATEGORY, "field": "email", "ground": "consent", "source": "form:order", "key_id": key_id,
        "sealed_value": value, "tag": tag, "collected_at": now, "keep_until": None,
    }  # fmt: skip
    yield schema.identifier, {
        "subject_id": subject_id, "identifier_id": new_id(), "kind": "email", "tag": tag, "tag_version": 1,
        "state": "proven", "record_id": record_id, "claimed_at": now, "proven_at": now,
    }  # fmt: skip
    yield schema.consent_event, {
        "subject_id": subject_id, "consent_id": new_id(), "purpose": PURPOSE, "channel": CHANNEL, "action": said,
        "at": now, "policy_number": version.number, "policy_hash": version.hash, "language": "uz-Latn",
        "text_hash": "0" * 64, "categories": [CATEGORY], "third_party": False, "cross_border": False,
        "via": "form:order", "expires_at": version.facts.consent_term.end(now) if said == "granted" else None,
        "submission_id": None, "event_id": new_id(),
    }  # fmt: skip
