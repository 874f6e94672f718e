"""Where a signed statement contradicts the event that it stands on. What the event does not hold cannot be compared.

Pure, and never raises: the record may be anybody's. The page `/verify` does the same (web/verify/verify.js).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from omonat.grounds import STANDING
from omonat.ledger.model import Body
from omonat.policy.public import GROUND_TERMS
from omonat.receipts.model import Statement
from omonat.receipts.records import STATES
from omonat.vault.moving import SAID_AT

EVENT_KINDS = {
    "consent": tuple(f"consent_{state}" for state in STATES),
    "disclosure": ("disclosed",),
    "destruction": ("destruction_certified",),
}
REFERS = {
    "consent": ("consent", "purpose", "channel", "policy", "text", "language", "via"),
    "disclosure": ("disclosure", "recipient", "purpose", "ground"),
    "destruction": ("certificate",),
}
"""Words that a statement of a kind refers to, the number first; those that an older event lacks may be left out."""
_NUMBERS = ("record_id", "consentReceiptID")
_LARGEST_COUNT = 2**53 - 1  # what a browser can tell from its neighbours
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z", re.ASCII)
_CONTROLLER = "dpv:DataController"


def differing(statement: Statement, body: Body) -> Iterator[str]:
    """Words of a statement that its event does not bear out, some of them more than once."""
    kind, record, facts = statement.kind, statement.record, body.facts
    if body.id != statement.event:
        yield "event"
    if body.kind not in EVENT_KINDS[kind]:
        yield "kind"
    yield from (word for word, said in statement.refers.items() if facts.get(word) != said)
    yield from (word for word in REFERS[kind] if facts.get(word) is not None and word not in statement.refers)
    numbers = [record[name] for name in _NUMBERS if name in record]
    if not numbers or not all(_is_same_text(number, facts.get(REFERS[kind][0])) for number in numbers):
        yield "record_id"
    yield from (f"record.{word}" for word, said in _words(record) if not _is_same_text(said, facts.get(word)))
    said_at = facts.get(SAID_AT)
    yield from _other_times(record, body.at if said_at is None else said_at)
    if kind == "consent":
        yield from _other_state(record, body.kind.removeprefix("consent_"))
    elif kind == "disclosure":
        yield from _other_disclosure(record, facts)
    else:
        yield from _other_certificate(_dict(record.get("certificate")), facts)


def _words(record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a record says that its event says, too, by the event's words; nothing where this kind says nothing of it."""
    processing, event = _dict(record.get("processing")), _dict(record.get("event"))
    said = [
        *(("purpose", purpose) for part in (record, processing) for purpose in _purposes(part)),
        ("channel", event.get("channel")),
        ("via", event.get("collection_method")),
        ("via", record.get("collectionMethod")),
        ("language", processing.get("language")),
        ("language", record.get("language")),
        ("text", _bare(processing.get("shown_text"))),
        ("policy", _bare(_dict(processing.get("privacy_notice")).get("hash"))),
    ]
    return ((word, value) for word, value in said if value is not None)


def _other_times(record: dict[str, Any], held: Any) -> Iterator[str]:
    """Times of a record that are not the moment of its event. What a record does not say is no contradiction."""
    certificate, event = _dict(record.get("certificate")), _dict(record.get("event"))
    moment = _moment(held)
    said = (
        ("event_time", record.get("event_time")),
        ("event_time", event.get("event_time")),
        ("finished_at", certificate.get("finished_at")),
    )
    for word, time in said:
        if time is not None and (moment is None or _moment(time) != moment):
            yield f"record.{word}"
    stamp = record.get("consentTimestamp")
    if stamp is not None and (moment is None or not _is_count(stamp) or stamp != _seconds(moment)):
        yield "record.consentTimestamp"


def _moment(text: Any) -> str | None:
    """A moment in UTC with six digits behind the second; None for what is none. Equal moments are equal texts."""
    found = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    return f"{found[1]}.{(found[2] or '')[:6]:0<6}" if found and _seconds(found[1]) is not None else None


def _seconds(moment: str) -> int | None:
    """Whole seconds since 1970 of a moment in UTC; None for a day or an hour that there is not."""
    try:
        return int(datetime.fromisoformat(f"{moment[:19]}+00:00").timestamp())
    except ValueError:
        return None


def _purposes(part: dict[str, Any]) -> list[Any]:
    """The purposes in a part of a record; "" for what is none."""
    return [_dict(one).get("purpose", "") for one in _list(part.get("purposes"))]


def _other_state(record: dict[str, Any], state: str) -> Iterator[str]:
    said = _dict(record.get("event")).get("event_state")
    if said is not None and not _is_same_text(said, STATES.get(state)):
        yield "event_state"
    elif "consentReceiptID" in record and state not in STANDING:  # Kantara 1.1 says that a consent stands
        yield "event_state"


def _other_disclosure(record: dict[str, Any], facts: Mapping[str, Any]) -> Iterator[str]:
    parties = [_dict(one) for one in _list(record.get("party_identification"))]
    others = [one for one in parties if one.get("party_role") != _CONTROLLER or "recipient" in one]
    ground = facts.get("ground")
    said = {
        "purpose": _purposes(record),
        "recipient": [one.get("recipient") for one in others],
        "categories": [_dict(one).get("category") for one in _list(record.get("pii_information"))],
        "ground": [record.get("lawful_basis")],
    }
    held = {
        "purpose": [facts.get("purpose")],
        "recipient": [facts.get("recipient")],
        "categories": facts.get("categories"),
        "ground": [GROUND_TERMS.get(ground, ground) if isinstance(ground, str) else ground],
    }
    for word, texts in said.items():
        if facts.get(word) is not None and not _are_same_texts(texts, held[word]):
            yield f"record.{word}"


def _other_certificate(certificate: dict[str, Any], facts: Mapping[str, Any]) -> Iterator[str]:
    for word, name in (("certificate", "number"), ("trigger", "trigger")):
        if facts.get(word) is not None and not _is_same_text(certificate.get(name), facts[word]):
            yield f"record.{name}"
    for word, name in (("records", "records_by_category"), ("keys", "keys"), ("searched", "searched")):
        if facts.get(word) is not None and not _are_same_counts(certificate.get(name), facts[word]):
            yield f"record.{word}"


# --- the same, as the browser tells it, too: no text is a number, no number is true or false ------------------------


def _is_same_text(said: Any, held: Any) -> bool:
    return isinstance(said, str) and said == held


def _are_same_texts(said: list[Any], held: Any) -> bool:
    return isinstance(held, list) and len(said) == len(held) and all(map(_is_same_text, said, held))


def _are_same_counts(said: Any, held: Any) -> bool:
    """Counts by word, or one count."""
    if not isinstance(held, dict):
        return _is_count(said) and said == held and _is_count(held)
    if not isinstance(said, dict) or said.keys() != held.keys():
        return False
    return all(_is_count(said[word]) and _is_count(count) and said[word] == count for word, count in held.items())


def _is_count(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= _LARGEST_COUNT and value == int(value)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _bare(hash_: Any) -> Any:
    return hash_.removeprefix("sha256:") if isinstance(hash_, str) else hash_
