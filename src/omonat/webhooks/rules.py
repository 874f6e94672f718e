"""Pure rules of webhooks: what is told and when it is tried again, which addresses may be called."""

import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from omonat.kernel.clock import iso
from omonat.kernel.codec import to_canonical_json
from omonat.ledger import Happened

TEST = "webhook.test"
LONGEST_URL, LONGEST_DESCRIPTION = 500, 200
OVERLAP = timedelta(hours=48)
"""How long messages are signed with the old secret, too, after a rotation."""

PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 60, 300, 1_800, 7_200, 21_600, 43_200, 57_600, 64_800, 64_800)
)  # fmt: skip
"""Before the second, third, ... try: 5 s to 18 h, about three days together."""

LONGEST_WAIT = timedelta(hours=24)


class _Kind(NamedTuple):
    event: str
    words: tuple[str, ...]  # facts that may leave; ids come by `about`


# Kind of the ledger event -> what connected systems are told. A fact that is not named here never leaves.
_KINDS = {
    "case_opened": _Kind("case.opened", ("kind", "term")),
    "case_step_assigned": _Kind("case.assigned", ("kind",)),
    "case_step_replied": _Kind("case.replied", ("kind",)),
    "case_step_wrote": _Kind("case.followed_up", ("kind",)),
    "case_reopened": _Kind("case.reopened", ("kind",)),
    "case_closed": _Kind("case.closed", ("kind", "outcome", "in_time")),
    "collected": _Kind("form.received", ("form", "purpose", "ground", "language", "categories")),
    "consent_granted": _Kind("consent.granted", ("consent", "purpose", "channel", "policy", "language", "via")),
    "consent_renewed": _Kind("consent.renewed", ("consent", "purpose", "channel", "policy", "language", "via")),
    "consent_void": _Kind("consent.void", ("consent", "purpose", "channel", "policy", "language", "via")),
    "consent_refused": _Kind("consent.refused", ("consent", "purpose", "channel", "policy", "language", "via")),
    "consent_withdrawn": _Kind("consent.withdrawn", ("consent", "purpose", "channel", "policy", "language", "via")),
    "value_corrected": _Kind("person.corrected", ("category", "purposes")),
    "subjects_merged": _Kind("person.merged", ()),
    "people_joined": _Kind("person.merged", ()),
    "separation_undone": _Kind("person.merged", ()),
    "person_separated": _Kind("person.split", ()),
    "joining_undone": _Kind("person.split", ()),
    "restricted": _Kind("person.restricted", ("kind", "purpose")),
    "restriction_lifted": _Kind("person.restriction_lifted", ("kind", "purpose")),
    "disclosed": _Kind("disclosure.made", ("disclosure", "recipient", "purpose", "ground", "categories")),
    "contract_started": _Kind("contract.started", ("contract",)),
    "contract_ended": _Kind("contract.ended", ("contract",)),
    "contract_annulled": _Kind("contract.annulled", ("contract",)),
    "destruction_certified": _Kind("person.erased", ("certificate",)),
    "incident_opened": _Kind("incident.opened", ("incident",)),
    "policy_published": _Kind("policy.published", ("number", "hash", "languages")),
}
_IN_PART = "person.destroyed_in_part"
EVENTS = tuple(dict.fromkeys([*(kind.event for kind in _KINDS.values()), _IN_PART]))
"""What an endpoint may listen to."""


def is_cookie_choice(happened: Happened) -> bool:
    """Whether it is a visitor's word about cookies: consent by the channel `web`."""
    return happened.kind.startswith("consent_") and happened.facts.get("channel") == "web"


class Told(NamedTuple):
    """What connected systems hear of an event."""

    event: str
    data: dict[str, object]


def told(kind: str, facts: Mapping[str, Any], about: Mapping[str, str]) -> Told | None:
    """None: the event is nobody's business outside."""
    known = _KINDS.get(kind)
    if known is None:
        return None
    data: dict[str, object] = {**about, **{name: facts[name] for name in known.words if name in facts}}
    if kind == "destruction_certified" and data.pop("scope", "whole") == "part":
        return Told(_IN_PART, data)
    return Told(known.event, data)


def payload(event: str, at: datetime, data: Mapping[str, object]) -> bytes:
    """The body of a message: the same bytes at every try."""
    return to_canonical_json({"type": event, "timestamp": iso(at), "data": dict(data)})


def next_pause(tries: int, wished: float | None, jitter: float) -> timedelta | None:
    """How long to wait after the try number `tries`; None: it was the last one.

    `wished`: seconds of the receiver's Retry-After. `jitter`: 0 to 1, spreads tries that failed together.
    """
    if tries > len(PAUSES):
        return None
    pause = PAUSES[tries - 1] * (1 + jitter / 5)
    return min(max(pause, timedelta(seconds=wished or 0)), LONGEST_WAIT)


# --- addresses ------------------------------------------------------------------------------------------------------

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def url_problem(url: str, *, dev: bool) -> str:
    """Why messages may not go there, as a msgid of the domain `errors`; empty when they may."""
    if len(url) > LONGEST_URL or not url.isprintable() or any(letter in url for letter in ' \\<>"`{}|^'):
        return "Write a whole address, such as https://crm.example.uz/omonat."
    try:
        parts = urlsplit(url)
        known = parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or parts.scheme not in ("https", "http"):
        return "Write a whole address, such as https://crm.example.uz/omonat."
    if parts.username is not None or parts.password is not None or "#" in url:
        return "Leave name, password and # out of the address."
    if parts.scheme == "http" and not (dev and parts.hostname in LOOPBACK_NAMES):
        return "Messages go out by https only."
    return ""


def is_permitted(address: str, *, dev: bool, named: bool) -> bool:
    """Whether a message may go to a resolved address. `named`: a setting names its host.

    An operator's own network is no target for whoever administers webhooks (SSRF). What is embedded in an IPv6
    address counts as what it leads to. Multicast and unspecified addresses are never a target.
    """
    found = _led_to(ipaddress.ip_address(address.partition("%")[0]))
    if found.is_loopback:
        return dev or named
    if found.is_multicast or found.is_unspecified or found.is_reserved:
        return False
    return found.is_global or (named and not found.is_link_local)


def _led_to(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
