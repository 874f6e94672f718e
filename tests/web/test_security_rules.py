"""Limits, addresses, origins and tokens by themselves."""

import secrets
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.kernel.errors import TooManyRequests
from omonat.kernel.settings import Settings
from omonat.web.addresses import client_address, prefix
from omonat.web.csrf import CrossSite, check_session_token, origin_of, session_token
from omonat.web.limits import Limits, Rule
from omonat.web.visit import is_local

SETTINGS = Settings(data=Path("/nowhere"), keys=Path("/nowhere"))
THREE = Rule("three", 3, 30.0)


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _uses_up(limits: Limits, address: str) -> int:
    for done in range(10):
        try:
            limits.check(ip_address(address), THREE)
        except TooManyRequests:
            return done
    return 10


def test_a_burst_then_one_by_one() -> None:
    seconds = Seconds()
    limits = Limits(SETTINGS, seconds)
    assert _uses_up(limits, "198.51.100.7") == 3
    with pytest.raises(TooManyRequests) as refused:
        limits.check(ip_address("198.51.100.7"), THREE)
    assert refused.value.details["seconds"] == 10
    seconds.now = 10.0
    assert _uses_up(limits, "198.51.100.7") == 1
    seconds.now = 1000.0
    assert _uses_up(limits, "198.51.100.7") == 3


def test_each_address_and_each_rule_is_counted_apart() -> None:
    limits = Limits(SETTINGS, Seconds())
    assert _uses_up(limits, "198.51.100.7") == 3
    assert _uses_up(limits, "198.51.100.8") == 3
    limits.check(ip_address("198.51.100.7"), Rule("other", 3, 30.0))


def test_a_household_on_ipv6_is_counted_as_one() -> None:
    limits = Limits(SETTINGS, Seconds())
    assert _uses_up(limits, "2001:db8:1:2::1") == 3
    assert _uses_up(limits, "2001:db8:1:2:ffff::9") == 0
    assert _uses_up(limits, "2001:db8:1:3::1") == 3


def test_no_address_is_kept_and_the_key_changes_with_the_day() -> None:
    seconds = Seconds()
    limits = Limits(SETTINGS, seconds)
    limits.check(ip_address("198.51.100.7"), THREE)
    first = _tags(limits)
    assert not any(b"\xc6\x33\x64\x07" in tag or b"198.51" in tag for tag in first)
    seconds.now = 86_401.0
    limits.check(ip_address("198.51.100.7"), THREE)
    assert first.isdisjoint(_tags(limits))


def test_who_fills_one_rule_frees_nobody_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omonat.web.limits._MOST_KEPT", 4)
    limits, once = Limits(SETTINGS, Seconds()), Rule("links", 1, 30.0)
    assert _uses_up(limits, "198.51.100.7") == 3
    for number in range(20):
        limits.check_link(f"made-up-{number}", once)
    assert _uses_up(limits, "198.51.100.7") == 0
    with pytest.raises(TooManyRequests):
        limits.check_link("made-up-19", once)  # the newest are remembered, and no more than there is room for
    limits.check_link("made-up-3", once)
    assert len(_tags(limits)) == 1 + 4


def _tags(limits: Limits) -> set[bytes]:
    return {tag for kept in limits._buckets.values() for tag in kept}


def _connection(peer: str, forwarded: str = "") -> Any:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return SimpleNamespace(client=SimpleNamespace(host=peer), headers=headers)


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.7", "203.0.113.5"),                    # not from our proxy: not believed
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),             # what the visitor adds is not believed
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "nonsense", "0.0.0.0"),
        ("::ffff:198.51.100.7", "", "198.51.100.7"),
        ("testclient", "", "0.0.0.0"),
    ],
)  # fmt: skip
def test_a_proxy_is_believed_only_when_it_is_named(peer: str, forwarded: str, seen: str) -> None:
    assert str(client_address(_connection(peer, forwarded), ("10.0.0.0/8",))) == seen


def test_the_prefix_is_what_a_household_holds() -> None:
    assert len(prefix(ip_address("2001:db8::1"))) == 8
    assert prefix(ip_address("198.51.100.7")) == bytes([198, 51, 100, 7])


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_token_is_for_one_session_only(session: str, other: str) -> None:
    token = session_token(session)
    check_session_token(session, token)
    if other != session:
        with pytest.raises(CrossSite):
            check_session_token(other, token)


@given(st.text())
def test_no_other_text_is_a_token(text: str) -> None:
    with pytest.raises(CrossSite):
        check_session_token("session", text)


def test_a_token_looks_different_each_time() -> None:
    session = secrets.token_urlsafe(32)
    assert len({session_token(session) for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://iptelefoniya.uz/ru/policy?a=b", "https://iptelefoniya.uz:443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("HTTP://LOCALHOST", "http://localhost:80"),
        ("null", None), ("", None), ("javascript:alert(1)", None), ("//x", None),
    ],
)  # fmt: skip
def test_origins(address: str, origin: str | None) -> None:
    assert origin_of(address) == origin


@given(st.text())
def test_only_paths_of_this_site_are_local(text: str) -> None:
    if is_local(text):
        assert text.startswith(("/uz-Latn", "/uz-Cyrl", "/ru", "/en"))
        assert "//" not in text
        assert "\\" not in text
        assert not any(sign in text for sign in "\r\n\t")
