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
