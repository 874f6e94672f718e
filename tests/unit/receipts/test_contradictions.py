"""What a statement says otherwise than its event: older events lack facts, and a record may be anything."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from omonat.ledger.model import Body
from omonat.receipts.contradictions import REFERS, differing
from omonat.receipts.model import KINDS, Kind, Statement

EVENTS: dict[Kind, str] = {
    "consent": "consent_granted",
    "disclosure": "disclosed",
    "destruction": "destruction_certified",
}
FACTS: dict[Kind, dict[str, Any]] = {
    "consent": {"consent": "1", "purpose": "news", "channel": "email", "language": "en", "via": "portal"},
    "disclosure": {
        "disclosure": "1", "recipient": "bank", "purpose": "contract", "ground": "law", "categories": ["phone", "name"]
    },
    "destruction": {
        "certificate": "1", "trigger": "term", "records": {"phone": 3}, "keys": 4, "searched": {"records": 0}
    },
}  # fmt: skip
RECORDS: dict[Kind, dict[str, Any]] = {
    "consent": {"record_id": "1", "event": {"event_state": "dpv:ConsentGiven"}},
    "disclosure": {
        "record_id": "1", "purposes": [{"purpose": "contract"}], "lawful_basis": "dpv:LegalObligation",
        "party_identification": [{"party_role": "dpv:DataController"}, {"recipient": "bank"}],
        "pii_information": [{"category": "phone"}, {"category": "name"}],
    },
    "destruction": {
        "record_id": "1",
        "certificate": {"number": "1", "trigger": "term", "records_by_category": {"phone": 3}, "keys": 4,
                        "searched": {"records": 0}},
    },
}  # fmt: skip
ODD: tuple[Any, ...] = (
    None,
    True,
    1,
    1.5,
    1e300,
    "",
    "odd",
    [],
    [None],
    [[1]],
    [{}],
    {},
    {"phone": True},
    {"odd": [1]},
)


def found(kind: Kind, record: dict[str, Any], facts: dict[str, Any]) -> list[str]:
    body = Body(v=1, id="e", kind=EVENTS[kind], at="", nonce="", facts=facts)
    refers = {word: facts[word] for word in REFERS[kind] if isinstance(facts.get(word), str)}
    statement = Statement(
        iss="", kind=kind, made_at="", event="e", entry="", evidence="", refers=refers, subject=None, record=record
    )  # fmt: skip
    return list(differing(statement, body))


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_event_says_holds_and_so_does_what_an_older_event_lacks(kind: Kind) -> None:
    assert found(kind, RECORDS[kind], FACTS[kind]) == []
    for word in FACTS[kind].keys() - {REFERS[kind][0], "purpose"}:
        older = {name: fact for name, fact in FACTS[kind].items() if name != word}
        assert found(kind, RECORDS[kind], older) == [], word


@pytest.mark.parametrize("kind", KINDS)
def test_the_number_may_not_be_left_out(kind: Kind) -> None:
    assert "record_id" in found(kind, {}, FACTS[kind])
    assert "record_id" in found(kind, {}, {})


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) in a value, from outside in."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from places(inner)


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_and_facts_of_any_shape_are_looked_at_without_failing(kind: Kind) -> None:
    record, facts = (
        deepcopy(RECORDS[kind] | {"processing": {"purposes": [], "shown_text": None}}),
        deepcopy(FACTS[kind]),
    )
    for container, key in [*places(record), *places(facts)]:
        before = container[key]
        for odd in ODD:
            container[key] = odd
            assert all(isinstance(word, str) for word in found(kind, record, facts))
        container[key] = before
    assert found(kind, record, facts) == []


@pytest.mark.parametrize(("word", "odd"), [("keys", True), ("keys", 4.5), ("keys", "4"), ("records_by_category", [])])
def test_a_count_is_a_whole_number(word: str, odd: Any) -> None:
    record = deepcopy(RECORDS["destruction"])
    record["certificate"][word] = odd
    assert found("destruction", record, FACTS["destruction"]) == [f"record.{word.partition('_')[0]}"]
    ones = {"certificate": "1", "keys": 1}
    assert found("destruction", {"record_id": "1", "certificate": {"number": "1", "keys": True}}, ones) == [
        "record.keys"
    ]


AT = "2026-11-29T17:00:00.250000Z"


def of_times(kind: Kind, record: dict[str, Any], *, at: str = AT, said_at: Any = None) -> list[str]:
    facts = {REFERS[kind][0]: "1"} | ({"said_at": said_at} if said_at is not None else {})
    body = Body(v=1, id="e", kind=EVENTS[kind], at=at, nonce="", facts=facts)
    statement = Statement(
        iss="", kind=kind, made_at="", event="e", entry="", evidence="", refers={REFERS[kind][0]: "1"}, subject=None,
        record={"record_id": "1", **record},
    )  # fmt: skip
    return list(differing(statement, body))


@pytest.mark.parametrize(
    ("kind", "record", "word"),
    [
        ("consent", lambda time: {"event": {"event_time": time}}, "event_time"),
        ("disclosure", lambda time: {"event_time": time}, "event_time"),
        ("destruction", lambda time: {"certificate": {"number": "1", "finished_at": time}}, "finished_at"),
    ],
)
def test_a_time_is_that_of_the_event_however_it_is_written(kind: Kind, record: Any, word: str) -> None:
    for same in (AT, "2026-11-29T17:00:00.25Z"):
        assert of_times(kind, record(same)) == []
    assert of_times(kind, record("2026-11-29T17:00:00Z"), at="2026-11-29T17:00:00.000000Z") == []
    for other in ("2026-11-29T17:00:00.250001Z", "2026-11-29T17:00:00", "2026-02-30T00:00:00Z", "", 5, True, [], {}):
        assert of_times(kind, record(other)) == [f"record.{word}"], other
    assert of_times(kind, record(AT), at="yesterday") == [f"record.{word}"]
    assert of_times(kind, record(AT), at="2026-11-30T09:00:00.000000Z", said_at=AT) == []
    assert of_times(kind, record(AT), said_at="2026-11-30T09:00:00.000000Z") == [f"record.{word}"]
    assert of_times(kind, record(AT), said_at=[]) == [f"record.{word}"]


def test_a_stamp_in_seconds_is_that_of_the_event() -> None:
    assert of_times("consent", {"consentTimestamp": 1_795_971_600}) == []
    for other in (1_795_971_601, "1795971600", True, 1_795_971_600.5, None, [], 1e300):
        wanted = [] if other is None else ["record.consentTimestamp"]
        assert of_times("consent", {"consentTimestamp": other}) == wanted, other
