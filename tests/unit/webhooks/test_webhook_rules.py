"""Which addresses may be called, how long one waits, what is told."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.places import REPOSITORY
from omonat.web.console.webhooks.pages import EVENT_WORDS
from omonat.webhooks import EVENTS, PAUSES
from omonat.webhooks.rules import LONGEST_WAIT, TEST, is_permitted, next_pause, payload, told, url_problem

INSIDE = [
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.169.254", "0.0.0.0",
    "192.0.2.1", "198.18.0.1", "240.0.0.1", "255.255.255.255", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0",
    "::", "2001:db8::1", "224.0.0.1", "ff02::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1",
    "64:ff9b::a9fe:a9fe", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe",
]  # fmt: skip
LOOPBACK = ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]
OUTSIDE = ["8.8.8.8", "213.230.96.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
NEVER = ["0.0.0.0", "::", "169.254.169.254", "fe80::1", "224.0.0.1", "ff02::1", "255.255.255.255", "::ffff:169.254.1.1"]


@pytest.mark.parametrize("address", INSIDE + LOOPBACK)
def test_what_lies_inside_is_refused(address: str) -> None:
    assert not is_permitted(address, dev=False, named=False)


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_lies_outside_is_permitted(address: str) -> None:
    assert is_permitted(address, dev=False, named=False)


@pytest.mark.parametrize("address", LOOPBACK)
def test_loopback_is_for_development_and_for_named_hosts(address: str) -> None:
    assert is_permitted(address, dev=True, named=False) and is_permitted(address, dev=False, named=True)


@pytest.mark.parametrize("address", ["10.0.0.1", "192.168.1.1", "fd12:3456::1"])
def test_a_named_host_may_lie_inside(address: str) -> None:
    assert is_permitted(address, dev=False, named=True) and not is_permitted(address, dev=True, named=False)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_nobodys(address: str) -> None:
    assert not is_permitted(address, dev=True, named=True)


@given(st.ip_addresses())
def test_nothing_private_is_permitted_unnamed(address) -> None:  # type: ignore[no-untyped-def]
    if is_permitted(str(address), dev=False, named=False):
        assert address.is_global or address.version == 6
        assert not (address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified)


@pytest.mark.parametrize(("url", "dev", "fine"), [
    ("https://crm.example.uz/hook?team=1", False, True), ("https://[2606:4700::1]:8443/x", False, True),
    ("http://localhost:9000/x", True, True), ("http://127.0.0.1/x", True, True), ("http://[::1]/x", True, True),
    ("http://localhost:9000/x", False, False), ("http://crm.example.uz/x", True, False),
    ("http://localhost.example.uz/x", True, False), ("gopher://crm.example.uz/x", True, False),
    ("https://a@crm.example.uz/x", True, False), ("https://crm.example.uz:0/", True, False),
    ("https://crm.example.uz:99999/", True, False), ("https://crm.example.uz/\nHost: x", True, False),
    (f"https://crm.example.uz/{'x' * 500}", True, False),
])  # fmt: skip
def test_addresses_as_they_are_typed(url: str, dev: bool, fine: bool) -> None:
    assert (url_problem(url, dev=dev) == "") == fine


@given(st.text(max_size=60))
def test_whatever_is_typed_is_judged(text: str) -> None:
    assert isinstance(url_problem(f"https://{text}", dev=False), str)


def test_the_pauses_grow_to_three_days() -> None:
    assert list(PAUSES) == sorted(PAUSES) and PAUSES[0] == timedelta(seconds=5)
    assert timedelta(days=2.5) < sum(PAUSES, timedelta()) < timedelta(days=3.5)


@given(st.integers(1, 30), st.none() | st.floats(0, 1e9), st.floats(0, 1))
def test_a_pause_is_never_shorter_than_planned_nor_longer_than_a_day(
    tries: int, wish: float | None, jitter: float
) -> None:
    pause = next_pause(tries, wish, jitter)
    if tries > len(PAUSES):
        assert pause is None
    else:
        assert pause is not None and PAUSES[tries - 1] <= pause <= LONGEST_WAIT


def test_only_named_facts_leave() -> None:
    facts = {"kind": "contact", "term": "answer", "committed": {"subject": "00"}, "secret": "word"}
    heard = told("case_opened", facts, {"case": "1", "subject": "2"})
    assert heard == ("case.opened", {"case": "1", "subject": "2", "kind": "contact", "term": "answer"})
    assert told("signed_in", {}, {}) is None
    assert {"case.opened", "case.closed", "consent.withdrawn", "person.erased", "policy.published"} <= set(EVENTS)


def test_parts_and_wholes_are_told_apart() -> None:
    whole = told("destruction_certified", {"certificate": "c"}, {"subject": "s", "scope": "whole", "trigger": "demand"})
    part = told("destruction_certified", {"certificate": "c"}, {"subject": "s", "scope": "part", "trigger": "term"})
    assert whole is not None and whole.event == "person.erased" and "scope" not in whole.data
    assert part is not None and part.event == "person.destroyed_in_part"


def test_a_payload_is_the_same_bytes_each_time() -> None:
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    body = payload("case.opened", at, {"kind": "contact", "case": "1"})
    assert body == payload("case.opened", at, {"case": "1", "kind": "contact"})
    assert body == (
        b'{"data":{"case":"1","kind":"contact"},"timestamp":"2026-11-22T12:00:00.000000Z","type":"case.opened"}'
    )


def test_every_event_has_its_words_and_its_line_in_the_docs() -> None:
    page = (REPOSITORY / "docs" / "webhooks.md").read_text("utf-8")
    assert set(EVENTS) | {TEST} == set(EVENT_WORDS)
    assert [event for event in EVENTS if f"| `{event}` |" not in page] == []
    assert len(EVENTS) <= 40  # the API takes so many at once
    assert max(map(len, EVENTS)) <= 40  # as the column is wide
