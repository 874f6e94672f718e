"""Pure rules: what the headers of a call say of a visit. They are read at that moment and kept nowhere (clause 8.1)."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from omonat.statistics.model import Event, Kind, Source

_LONGEST = 500
_TABLET = re.compile(r"iPad|Tablet|Kindle|Silk/|PlayBook|Android(?!.*Mobile)", re.IGNORECASE)
_PHONE = re.compile(r"iPhone|iPod|Android.*Mobile|Windows Phone|Mobile.*Firefox|Opera Mini|Mobi", re.IGNORECASE)
_DESKTOP = re.compile(r"Windows NT|Macintosh|X11|Linux x86_64|CrOS", re.IGNORECASE)

# What says of itself that nobody is looking (docs/visits.md explains the list).
_BOTS = re.compile(
    r"(?<!cu)bot\b|bot[/_;)-]|crawl|spider|slurp|scrap|archiver|preview|monitor|uptime|pingdom|lighthouse|validator|"
    r"facebookexternalhit|whatsapp/|telegrambot|embedly|feedfetcher|feedparser|"
    r"curl/|wget/|python|httpx|aiohttp|okhttp|java/|go-http-client|libwww|axios/|node-fetch|postman|phantomjs",
    re.IGNORECASE,
)

_SEARCH = frozenset({"google", "bing", "yandex", "ya", "duckduckgo", "baidu", "ecosia", "startpage", "qwant", "yahoo"})
_SEARCH_HOSTS = frozenset({"search.yahoo.com", "r.search.yahoo.com", "search.brave.com", "go.mail.ru"})
_SOCIAL_HOSTS = (
    "t.me", "telegram.org", "facebook.com", "fb.com", "instagram.com", "x.com", "t.co", "twitter.com", "linkedin.com",
    "lnkd.in", "youtube.com", "youtu.be", "vk.com", "ok.ru", "tiktok.com", "whatsapp.com", "threads.net", "reddit.com",
)  # fmt: skip
_APPS: dict[str, Source] = {
    "com.google.android.googlequicksearchbox": "search", "org.telegram.messenger": "social",
    "com.facebook.katana": "social", "com.instagram.android": "social",
}  # fmt: skip


def event_of(headers: Mapping[str, str], *, kind: Kind, page: str, language: str, form: str = "") -> Event | None:
    """What is kept of a call with these headers (names in lower case); None where nobody looks: bots, page preloads."""
    agent = headers.get("user-agent", "")
    if is_bot(agent) or is_preload(headers):
        return None
    source, device = source_of_call(headers), device_class(agent)
    return Event(kind=kind, page=page[:80], language=language, device=device, source=source, form=form)


def source_of_call(headers: Mapping[str, str]) -> Source:
    """The kind of page that led to a call with these headers."""
    return source_of(headers.get("referer", ""), headers.get("sec-fetch-site", ""), headers.get("host", ""))


def device_class(user_agent: str) -> str:
    """phone, tablet, desktop or other. The user agent itself is not kept."""
    for name, pattern in (("tablet", _TABLET), ("phone", _PHONE), ("desktop", _DESKTOP)):
        if pattern.search(user_agent[:_LONGEST]):
            return name
    return "other"


def is_bot(user_agent: str) -> bool:
    """Whether a program calls that says so; every browser names itself, so an empty name is none."""
    return not user_agent.strip() or _BOTS.search(user_agent[:_LONGEST]) is not None


def is_preload(headers: Mapping[str, str]) -> bool:
    """Whether the browser fetches a page that nobody has opened (Sec-Purpose; older: Purpose, X-Moz)."""
    said = (headers.get(name, "").lower() for name in ("sec-purpose", "purpose", "x-moz"))
    return any(word.startswith(("prefetch", "prerender", "preview")) for word in said)


def source_of(referrer: str, fetch_site: str, host: str) -> Source:
    """The kind of page that led here: own, search, social, other, or none (typed, a bookmark, an e-mail).

    `fetch_site`: Sec-Fetch-Site, which no page can forge; `host`: the Host header. Of the referrer only the name of the
    host is looked at.
    """
    if fetch_site in ("same-origin", "same-site"):
        return "own"
    scheme, name = _host_of(referrer)
    if not name:
        return "other" if fetch_site == "cross-site" else "none"  # a page that hides its address is a page
    if name == _host_of(f"http://{host}")[1]:
        return "own"
    return _APPS.get(name, "other") if scheme == "android-app" else _kind_of_site(name)


def _host_of(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address[:_LONGEST])
        return parts.scheme, (parts.hostname or "").rstrip(".")
    except ValueError:
        return "", ""


def _kind_of_site(name: str) -> Source:
    bare = re.sub(r"^(www|m)\.", "", name)
    first, *rest = bare.split(".")
    is_top = 0 < len(rest) <= 2 and all(
        len(part) <= 3 for part in rest
    )  # google.com, google.co.uz; not google.evil.com
    if bare in _SEARCH_HOSTS or (first in _SEARCH and is_top):
        return "search"
    if any(bare == one or bare.endswith(f".{one}") for one in _SOCIAL_HOSTS):
        return "social"
    return "other"
