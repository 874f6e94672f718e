"""Pure rules of API keys: how a secret looks, who may grant what, which origins there are."""

import re
import zlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from omonat.access.model import KeyAsked
from omonat.staff import RIGHTS, Actor

LONGEST_DAYS = 365
LONGEST_OVERLAP_DAYS = 7
MOST_ORIGINS = 20

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,58}[a-z0-9]")
_SECRET = re.compile(r"omk_([0-9A-Za-z]{8})_([0-9A-Za-z]{38})")
_CHECK_LENGTH = 6

ROUTINE = frozenset({"collect", "case.read", "case.work", "stats.read", "contract.read"})
"""Rights that an administrator may give a program by himself, although he has no need of them."""

BROAD = frozenset(
    {
        "policy.publish", "person.find", "person.read", "person.correct", "person.erase", "person.merge", "disclose",
        "mailing.list", "retention.sweep", "hold.release", "journal.read", "staff.administer", "key.administer",
        "webhook.administer", "backup", "contract.manage", "incident.manage", "ledger.verify",
    }
)  # fmt: skip
"""Rights that reach many people or undo protection: a key with one of them needs a second person. `ledger.verify`
is one because all consents leave by it: the second person answers when the key is made, not at each page."""


def new_secret(public: bytes, hidden: bytes) -> tuple[str, str]:
    """(prefix, whole key): `omk_` + 8 + `_` + 32 + a checksum of 6, so that scanners of secrets find it for sure."""
    prefix = f"omk_{_in_digits(public, 8)}"
    body = f"{prefix}_{_in_digits(hidden, 32)}"
    return prefix, body + checksum(body)


def is_key(text: str) -> bool:
    """Whether a text has the form and the checksum of a key: what does not costs no look into the database."""
    return bool(_SECRET.fullmatch(text)) and checksum(text[:-_CHECK_LENGTH]) == text[-_CHECK_LENGTH:]


def checksum(body: str) -> str:
    """CRC-32 in base 62, six digits."""
    return _in_digits(zlib.crc32(body.encode()).to_bytes(4), _CHECK_LENGTH)


def _in_digits(number: bytes, length: int) -> str:
    rest, digits = int.from_bytes(number), []
    for _ in range(length):
        rest, digit = divmod(rest, 62)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def grantable(maker: Actor) -> frozenset[str]:
    """What a maker of keys may grant by himself: what he has, and the routine of connected programs."""
    return (maker.rights | ROUTINE) - BROAD


def needs_second_person(maker: Actor, asked: KeyAsked) -> bool:
    """Whether the key asked for reaches further than its maker may grant alone."""
    return reaches_far(maker, frozenset(asked.rights), frozenset(asked.purposes))


def reaches_far(maker: Actor, rights: frozenset[str], purposes: frozenset[str]) -> bool:
    """Rights beyond what the maker may grant alone; purposes, which open people's values."""
    return not rights <= grantable(maker) or bool(purposes)


def payload_of(asked: KeyAsked) -> dict[str, str]:
    """What a second person decides on."""
    return {
        "act": "add", "name": asked.name, "rights": " ".join(sorted(asked.rights)),
        "purposes": " ".join(sorted(asked.purposes)), "origins": " ".join(asked.origins), "days": str(asked.days),
    }  # fmt: skip


def asked_in(payload: Mapping[str, str]) -> KeyAsked:
    """The same, read back."""
    return KeyAsked(
        name=payload["name"], rights=tuple(payload["rights"].split()), purposes=tuple(payload["purposes"].split()),
        origins=tuple(payload["origins"].split()), days=int(payload["days"]),
    )  # fmt: skip


def problems_of(asked: KeyAsked, purposes: frozenset[str]) -> dict[str, str]:
    """What is wrong, by field. `purposes`: those that the policy in force declares."""
    problems = {}
    if not _NAME.fullmatch(asked.name):
        problems["name"] = "Use 3 to 60 small Latin letters, digits, dots and dashes, such as site-forms."
    if not asked.rights or not set(asked.rights) <= set(RIGHTS):
        problems["rights"] = "Choose at least one right."
    if not set(asked.purposes) <= purposes:
        problems["purposes"] = "The policy in force does not declare this purpose."
    if not 1 <= asked.days <= LONGEST_DAYS:
        problems["days"] = "A key works for 1 to 365 days."
    if len(asked.origins) > MOST_ORIGINS or any(not is_origin(each) for each in asked.origins):
        problems["origins"] = "An origin looks like https://www.example.uz, without a path; 20 at most."
    return problems


def is_origin(text: str) -> bool:
    """An exact web origin as browsers send it: https, or http on this machine; no path, no star."""
    parts = urlsplit(text)
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in {"localhost", "127.0.0.1"})
    written = f"{parts.scheme}://{host}{f':{port}' if port else ''}"
    return safe and bool(re.fullmatch(r"[a-z0-9.-]{1,253}", host)) and text == written
