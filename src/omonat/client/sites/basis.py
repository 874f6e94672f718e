"""What choices about cookies rest on now, by purpose: the policy in force, asked of Omonat once a minute (9.2).

A choice that was made on another basis (before a new recipient, say) permits nothing, and nothing is permitted while
Omonat does not say what holds.
"""

import time
from collections.abc import Mapping

import httpx
import msgspec

from omonat.kernel.codec import from_json
from omonat.kernel.language import LANGUAGES

KEPT_SECONDS = 60.0
PATIENCE = 3.0  # seconds: a page waits for it once in a minute


class _Told(msgspec.Struct, frozen=True):
    basis: dict[str, str]


class Basis:
    """Called, it says for each purpose of cookies what a choice rests on; empty when Omonat does not answer.

    It needs no key: what it reads is the same for everybody. May be used by several threads.
    """

    def __init__(self, base_url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        seldom = httpx.Limits(max_keepalive_connections=0)  # asked too rarely to keep a connection
        self._client = httpx.Client(
            base_url=base_url.rstrip("/"), timeout=PATIENCE, transport=transport, limits=seldom
        )  # fmt: skip
        self._known: tuple[float, Mapping[str, str]] | None = None

    def __call__(self) -> Mapping[str, str]:
        """From memory for a minute, also that there was no answer."""
        known = self._known
        if known is None or time.monotonic() - known[0] > KEPT_SECONDS:
            known = self._known = (time.monotonic(), self._ask())
        return known[1]

    def _ask(self) -> Mapping[str, str]:
        try:
            answer = self._client.get(f"/embed/{LANGUAGES[0]}/banner.json")
            return from_json(answer.content, _Told).basis if answer.status_code == 200 else {}
        except (httpx.TransportError, msgspec.MsgspecError):
            return {}
