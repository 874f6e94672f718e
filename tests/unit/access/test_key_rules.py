"""How a key looks, and who may grant what."""

import re

from hypothesis import given
from hypothesis import strategies as st

from omonat.access import BROAD, ROUTINE, rules
from omonat.staff import RIGHTS, ROLES, Role


class Maker:
    """An actor of some rights."""

    def __init__(self, role: Role) -> None:
        self.rights, self.purposes, self.actor = role.rights, role.purposes, "staff:Maker"


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32))
def test_every_key_has_the_form_that_scanners_look_for(public: bytes, hidden: bytes) -> None:
    prefix, secret = rules.new_secret(public, hidden)
    assert re.fullmatch(r"omk_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}", secret)
    assert secret.startswith(prefix)
    assert rules.is_key(secret)


@given(st.binary(min_size=48, max_size=48), st.integers(4, 50), st.sampled_from("0Aa9Zz"))
def test_a_typing_error_is_seen_without_the_database(random: bytes, place: int, other: str) -> None:
    _prefix, secret = rules.new_secret(random[:16], random[16:])
    if secret[place] not in (other, "_"):
        assert not rules.is_key(secret[:place] + other + secret[place + 1 :])


def test_nobody_grants_alone_what_reaches_many_people() -> None:
    for role in ROLES.values():
        assert not rules.grantable(Maker(role)) & BROAD
        assert rules.grantable(Maker(role)) <= role.rights | ROUTINE
    assert set(RIGHTS) >= BROAD | ROUTINE
    assert not BROAD & ROUTINE


@given(st.text(max_size=60))
def test_an_origin_is_what_browsers_send(text: str) -> None:
    if rules.is_origin(text):
        assert re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]+)?", text)


def test_origins() -> None:
    good = ("https://www.example.uz", "https://example.uz:8443", "http://localhost:3000")
    bad = ("https://example.uz/", "http://example.uz", "https://Example.uz", "null", "*", "https://a@b.uz", "//a.uz")
    assert [each for each in good if not rules.is_origin(each)] == []
    assert [each for each in bad if rules.is_origin(each)] == []
