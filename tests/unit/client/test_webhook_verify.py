"""Signatures of Standard Webhooks 1.0.0, and everything that must not be believed."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.client.webhooks import BadWebhook, signature, verify

# The vector that the libraries of standardwebhooks.com test themselves with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, STAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
EVENT = b'{"type":"case.opened","timestamp":"2026-11-22T12:00:00Z","data":{"case":"1"}}'
NOW = 1_700_000_000


def headers(body: bytes = EVENT, *, secret: str = SECRET, stamp: str = str(NOW), **other: str) -> dict[str, str]:
    signed = signature(secret, "msg_1", stamp, body)
    return {"Webhook-Id": "msg_1", "Webhook-Timestamp": stamp, "Webhook-Signature": signed, **other}


def refused(*arguments: object, **options: object) -> str:
    with pytest.raises(BadWebhook) as error:
        verify(*arguments, **options)  # type: ignore[arg-type]
    return error.value.code


def test_the_published_vector() -> None:
    assert signature(SECRET, ID, STAMP, BODY) == SIGNED
    assert signature(SECRET.removeprefix("whsec_"), ID, STAMP, BODY) == SIGNED


def test_a_message_is_read() -> None:
    event = verify(SECRET, headers(), EVENT, now=NOW)
    assert (event.id, event.type, event.data) == ("msg_1", "case.opened", {"case": "1"})


def test_one_of_several_signatures_or_secrets_is_enough() -> None:
    other = "whsec_" + base64.b64encode(b"x" * 32).decode()
    sent = headers()
    both = {
        **sent,
        "Webhook-Signature": f"v1a,AAAA {signature(other, 'msg_1', str(NOW), EVENT)} {sent['Webhook-Signature']}",
    }
    assert verify(SECRET, both, EVENT, now=NOW).id == "msg_1"
    assert verify([other, SECRET], sent, EVENT, now=NOW).id == "msg_1"


@pytest.mark.parametrize(("change", "code"), [
    ({"Webhook-Signature": "v1,AAAA"}, "signature"), ({"Webhook-Signature": "v2," + SIGNED[3:]}, "signature"),
    ({"Webhook-Id": "msg_2"}, "signature"), ({"Webhook-Id": ""}, "missing"), ({"Webhook-Timestamp": "now"}, "stale"),
    ({"Webhook-Timestamp": str(NOW - 301)}, "stale"), ({"Webhook-Timestamp": str(NOW + 301)}, "stale"),
    ({"Webhook-Timestamp": str(NOW + 1)}, "signature"), ({"Webhook-Timestamp": "9" * 40}, "stale"),
    ({"Webhook-Signature": "v1,ёё"}, "signature"),
])  # fmt: skip
def test_what_was_changed_is_refused(change: dict[str, str], code: str) -> None:
    assert refused(SECRET, headers() | change, EVENT, now=NOW) == code


def test_missing_headers_bad_secrets_and_unreadable_bodies() -> None:
    assert refused(SECRET, {}, EVENT, now=NOW) == "missing"
    assert refused("whsec_no base64!", headers(), EVENT, now=NOW) == "signature"
    assert refused([], headers(), EVENT, now=NOW) == "signature"
    assert refused(SECRET, headers(b"[1]"), b"[1]", now=NOW) == "unreadable"
    assert refused(SECRET, headers(), EVENT) == "stale"  # by the real clock


@given(st.binary(max_size=80), st.integers(0, 79))
def test_every_changed_byte_is_seen(body: bytes, place: int) -> None:
    sent = headers(body)
    changed = bytearray(body or b"x")
    changed[place % len(changed)] ^= 1
    assert refused(SECRET, sent, bytes(changed), now=NOW) == "signature"
