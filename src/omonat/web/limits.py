"""How often one address may send. Counted in memory by HMAC with a key of the day: no address is kept (6.1, 6.2)."""

import hmac
import os
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable
from math import ceil
from typing import Any, NamedTuple

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from omonat.kernel.errors import TooManyRequests
from omonat.kernel.settings import Settings
from omonat.web.addresses import Address, client_address, prefix

_DAY = 86_400.0
_MOST_KEPT = 100_000


class Rule(NamedTuple):
    """At most `burst` at once, then one more every `seconds / burst` seconds."""

    name: str
    burst: int
    seconds: float


FORMS = Rule("forms", 20, 600.0)
CHOICES = Rule("choices", 60, 600.0)
VISITS = Rule("visits", 120, 600.0)
"""For the site: saying that a form was begun."""
CODES = Rule("codes", 20, 600.0)  # many people share one address of a mobile network
"""For the portal: asking for a one-time code."""
ANSWERS = Rule("answers", 20, 600.0)
"""For the portal: answering one."""


WRONG_LINKS = Rule("wrong_links", 60, 600.0)
"""For links without sign-in: those that are not ours, or dead, from one address; links that are right are not counted
by address, because a mail provider sends the one click of all its readers from a few (RFC 8058)."""
ONE_LINK = Rule("one_link", 30, 600.0)
"""For links without sign-in: how often one and the same may be used, from wherever."""


STAFF = Rule("staff", 30, 600.0)
"""For the console: steps of a sign-in; an office shares one address."""


class Limits:
    """Token buckets by keyed hash of the address. `seconds` is the monotonic clock, passed in by tests.

    Each rule keeps so many of its own: who fills one, by links that he made up, frees nobody of another.
    """

    def __init__(self, settings: Settings, seconds: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._seconds = seconds
        self._buckets: dict[str, OrderedDict[bytes, tuple[float, float]]] = defaultdict(OrderedDict)
        self._key, self._key_since = os.urandom(32), seconds()
        self._lock = threading.Lock()

    def check(self, address: Address, rule: Rule) -> None:
        """Count one act. Raises TooManyRequests with the seconds to wait."""
        if not (self._settings.dev and address.is_loopback):
            self._count(prefix(address), rule)

    def check_link(self, token: str, rule: Rule) -> None:
        """Count one use of a link, wherever it comes from. Raises as `check`; keeps no token, either."""
        if not self._settings.dev:
            self._count(token.encode(), rule)

    def _count(self, what: bytes, rule: Rule) -> None:
        with self._lock:
            wait = self._take(self._tag(what, rule), rule)
        if wait > 0:
            raise TooManyRequests(seconds=ceil(wait))

    def _tag(self, what: bytes, rule: Rule) -> bytes:
        if self._seconds() - self._key_since > _DAY:
            self._key, self._key_since = os.urandom(32), self._seconds()
            self._buckets.clear()
        return hmac.digest(self._key, rule.name.encode() + b"\0" + what, "sha256")

    def _take(self, tag: bytes, rule: Rule) -> float:
        """Seconds to wait; 0 when the act was counted. The bucket that was used longest ago makes room."""
        now, buckets = self._seconds(), self._buckets[rule.name]
        held, since = buckets.pop(tag, (float(rule.burst), now))
        held = min(float(rule.burst), held + (now - since) * rule.burst / rule.seconds)
        is_counted = held >= 1
        buckets[tag] = (held - is_counted, now)
        if len(buckets) > _MOST_KEPT:
            buckets.popitem(last=False)
        return 0.0 if is_counted else (1 - held) * rule.seconds / rule.burst


Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


def limited(rule: Rule) -> Guard:
    """A guard for a handler: `@post(..., guards=[limited(FORMS)])`."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        state = connection.app.state
        state.limits.check(client_address(connection, state.omonat.settings.trusted_proxies), rule)

    return guard


async def one_link(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """A guard for a handler with `{token}` in its path: one link is used so often and no more."""
    connection.app.state.limits.check_link(connection.path_params["token"], ONE_LINK)


def count_wrong_link(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """A link was not ours, or is dead. Raises TooManyRequests in place of that answer, and hinders no right one."""
    state = connection.app.state
    state.limits.check(client_address(connection, state.omonat.settings.trusted_proxies), WRONG_LINKS)
