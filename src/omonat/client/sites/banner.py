"""The banner in the HTML of a site's own server: there before any script, a plain form that works without one (8.2).

`SiteBanner.html` is put before `</body>`; what its form sends comes to `path` of the site, is passed on to Omonat, and
the choice is kept in the site's own cookie. The script `/omonat.js` takes the same banner over where it runs. Without
Omonat nothing is asked, and nothing that waits for consent runs.
"""

import base64
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec

from omonat.client.sites.choice import ELSEWHERE, Visitor
from omonat.client.sites.serving import MOST_FIELDS, Page, is_cross_site
from omonat.kernel.codec import from_json, to_json
from omonat.kernel.language import LANGUAGES, wanted_language

KEPT_SECONDS = 300.0
PATIENCE = 3.0  # seconds: a page waits for it once in five minutes


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What Omonat says of the first layer in one language."""

    language: str
    basis: dict[str, str]
    days: int
    share: list[str]
    purposes: list[str]
    texts: dict[str, Any]
    style: str


class SiteBanner:
    """The banner of one site. `origin`: of the site, as the policy declares it; `path`: where its form goes.

    Omonat counts choices by address: name this server in its `trusted_proxies`, so that visitors are told apart.
    """

    def __init__(
        self, base_url: str, origin: str, *, path: str = "/omonat-choice", language: str = "",
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self.path, self._base, self._origin, self._language = path, base_url.rstrip("/"), origin, language
        seldom = httpx.Limits(max_keepalive_connections=0)  # asked too rarely to keep a connection
        self._client = httpx.Client(base_url=self._base, timeout=PATIENCE, transport=transport, limits=seldom)
        self._facts: dict[str, tuple[float, Facts | None]] = {}

    def html(self, headers: Mapping[str, str], back: str, nonce: str = "", language: str = "") -> str:
        """The banner for this reader; empty when he has answered, or his browser has (Global Privacy Control).

        `headers`: lower-case names. `back`: the path to come back to. `nonce`: of the page's Content-Security-Policy.
        `language`: of the page, as in its `lang` (BCP 47): it comes before the site's and the browser's.
        Safe to put into a template as it is.
        """
        facts = self._read(self._wanted(headers, language))
        visitor = Visitor(headers, lambda: facts.basis if facts else {})
        answered = visitor.answered()
        asked = [one for one in facts.purposes if one not in answered] if facts else []
        if facts is None or not asked or visitor.gpc:
            return ""
        hidden = {"back": back, "text": str(facts.texts["hash"]), "asked": " ".join(asked)}
        return _markup(facts, self._base, hidden, (self.path, nonce))

    def warm(self, headers: Mapping[str, str]) -> None:
        """Have what `html` needs at hand, so that it asks nobody: for servers that must not wait inside a view.

        In every language, because only the view knows that of its page.
        """
        if self._read(self._wanted(headers, "")) is not None:
            for language in LANGUAGES:
                self._read(language)

    def answer(self, headers: Mapping[str, str], body: bytes, address: str) -> Page:
        """What the form sent, passed on; leads back to the page. The cookie goes along once it is recorded."""
        if is_cross_site(headers):
            return Page(403, {"content-type": "text/plain"}, b"This form was sent from another site.")
        try:
            posted = dict(parse_qsl(body.decode("ascii"), True, errors="strict", max_num_fields=MOST_FIELDS))
        except ValueError:
            return Page(400, {"content-type": "text/plain"}, b"This form cannot be read.")
        back = {"location": _local(posted.get("back", "")), "cache-control": "no-store"}
        facts, word = self._read(_language(posted.get("language", ""))), posted.get("choice")
        if facts is None or word not in ("accept", "refuse"):
            return Page(303, back, b"")
        value = self._send(headers, facts, posted, address)
        if value:
            back["set-cookie"] = self._cookie(value, facts)
        return Page(303, back, b"")

    def _send(self, headers: Mapping[str, str], facts: Facts, posted: Mapping[str, str], address: str) -> str:
        """The signed choice. A refusal holds also when Omonat does not answer: the script tells it later."""
        visitor, accepts = Visitor(headers, lambda: facts.basis), posted["choice"] == "accept"
        asked = posted.get("asked", "").split() or facts.purposes
        said = dict.fromkeys((one for one in asked if one in facts.purposes), accepts)
        sent = {
            "purposes": visitor.untold() | said, "language": facts.language, "via": "banner",
            "text": posted.get("text", ""), "choice": visitor.signed(), "gpc": visitor.gpc,
        }  # fmt: skip
        named = {"Origin": self._origin, "Content-Type": "application/json", "X-Forwarded-For": address}
        try:
            answer = self._client.post("/embed/choice", content=to_json(sent), headers=named)
            if answer.status_code == 200:
                return str(answer.json()["choice"])
        except httpx.TransportError:
            pass  # said below: a refusal holds, a consent needs its proof
        self._facts.clear()  # perhaps another version is in force
        return "" if accepts else _unsigned(sent, facts, visitor.answered())

    def _cookie(self, value: str, facts: Facts) -> str:
        host = urlsplit(self._origin).hostname or ""
        shared = next((one for one in facts.share if host == one or host.endswith(f".{one}")), "")
        parts = [f"{ELSEWHERE}={value}", f"Max-Age={facts.days * 86_400}", "Path=/", "SameSite=Lax"]
        parts += [f"Domain={shared}"] if shared else []
        return "; ".join([*parts, *(["Secure"] if self._origin.startswith("https:") else [])])

    def _wanted(self, headers: Mapping[str, str], page: str) -> str:
        return wanted_language(f"{page},{self._language or headers.get('accept-language', '')}")

    def _read(self, language: str) -> Facts | None:
        """From memory for five minutes; None when Omonat does not answer, which is remembered for as long."""
        if self._is_fresh(language):
            return self._facts.get(language, (0.0, None))[1]  # cleared meanwhile by another thread: nothing is asked
        facts = self._ask(language)
        silent = [one for one in LANGUAGES if facts is None and not self._is_fresh(one)]  # nor would it in another
        self._facts.update(dict.fromkeys([language, *silent], (time.monotonic(), facts)))
        return facts

    def _is_fresh(self, language: str) -> bool:
        since, _ = self._facts.get(language, (0.0, None))
        return bool(since) and time.monotonic() - since <= KEPT_SECONDS

    def _ask(self, language: str) -> Facts | None:
        try:
            answer = self._client.get(f"/embed/{language}/banner.json")
            return from_json(answer.content, Facts) if answer.status_code == 200 else None
        except (httpx.TransportError, msgspec.MsgspecError):
            return None


def _markup(facts: Facts, base: str, hidden: Mapping[str, str], place: tuple[str, str]) -> str:
    """The same elements as the script makes (web/embed/source/6-banner.js), around a form."""
    path, nonce = place
    said = {name: escape(text) for name, text in facts.texts.items() if isinstance(text, str)}
    before, _, after = escape(_notice(facts.texts, hidden["asked"].split())).partition(said["link"])
    fields = {**hidden, "language": facts.language}
    inputs = "".join(f'<input type="hidden" name="{name}" value="{escape(text)}">' for name, text in fields.items())
    buttons = "".join(
        f'<button name="choice" value="{word}">{said[word]}</button>' for word in ("refuse", "accept")
    )  # fmt: skip
    own = f' nonce="{escape(nonce)}"' if nonce else ""
    return (
        f"<style{own}>{facts.style}</style>"
        f'<section id="omonat-banner" role="dialog" aria-modal="false" aria-labelledby="omonat-title" tabindex="-1"'
        f' lang="{facts.language}" dir="ltr"><div class="omonat-text"><h2 id="omonat-title">{said["title"]}</h2>'
        f'<p>{before}<a href="{escape(base)}/{facts.language}/policy">{said["link"]}</a>{after}</p></div>'
        f'<form class="omonat-buttons" method="post" action="{escape(path)}">{inputs}{buttons}'
        f'<a class="omonat-more" href="{escape(base)}/{facts.language}/cookies">{said["settings"]}</a></form></section>'
    )


def _notice(texts: Mapping[str, Any], asked: Iterable[str]) -> str:
    """The text that asks about these purposes, put together as Omonat does (`BannerParts.whole`)."""
    parts = [texts["asked"][purpose] for purpose in asked]
    opening, closing = texts["notice"]
    waits = "; ".join(waits for waits, _to in parts) + "."
    return " ".join([opening, waits, *(to for _waits, to in parts if to), closing])


def _unsigned(sent: Mapping[str, Any], facts: Facts, answered: Mapping[str, tuple[bool, datetime]]) -> str:
    """A refusal that Omonat has not heard of yet, in the form in which the script keeps it."""
    now, said = datetime.now(UTC), sent["purposes"]
    earlier = {purpose: answer for purpose, answer in answered.items() if purpose not in said}
    purposes = {purpose: answer for purpose, (answer, _at) in earlier.items()} | said
    held = {
        "purposes": purposes, "basis": {one: facts.basis[one] for one in purposes if one in facts.basis}, "at": now,
        "since": {purpose: at for purpose, (_answer, at) in earlier.items()}, "gpc": sent["gpc"], "untold": said,
        "before": sent["choice"], "via": "banner", "language": sent["language"], "text": sent["text"],
    }  # fmt: skip
    return base64.urlsafe_b64encode(to_json(held)).decode().rstrip("=") + "."


def _language(text: str) -> str:
    return text if text in LANGUAGES else LANGUAGES[0]


def _local(back: str) -> str:
    """A path of this site, and nothing that a browser could take for another."""
    safe = back.startswith("/") and back.isascii() and back.isprintable() and "\\" not in back and "//" not in back
    return back if safe else "/"
