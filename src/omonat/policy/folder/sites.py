"""The operator's further sites (8.2): are their origins what a browser sends, is a shared domain above all of them?"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from omonat.policy.folder.source import Finding, Keys, Source
from omonat.policy.model import CHOICE_COOKIE

_LOOPBACK = ("localhost", "127.0.0.1")


def site_findings(source: Source) -> Iterator[Finding]:
    """Origins that no browser sends, shared domains that are not the operator's, a choice that is not declared."""
    section = source.tree.get("site", {})
    sites = section if isinstance(section, dict) else {}
    for key, site in sites.items():
        if isinstance(site, dict):
            yield from _site(source, ("site", key), site)
    if sites and not _is_declared(source.tree.get("cookie")):
        message = f"The banner on further sites keeps the choice in “{CHOICE_COOKIE}”, which is not declared"
        advice = f"Add [cookie.{CHOICE_COOKIE}] with necessary = true and keep_days = 180 (clause 8.1)."
        yield source.finding(("site",), "undeclared_cookie", message, advice)


def _site(source: Source, keys: Keys, site: dict[str, Any]) -> Iterator[Finding]:
    if len(keys[1]) > 20:
        yield source.finding(keys, "wrong_name", f"“{keys[1]}” is too long for a site", "Use at most 20 letters.")
    written = site.get("origins")
    origins = [one for one in written if isinstance(one, str)] if isinstance(written, list) else []
    if not origins:
        advice = 'Write: origins = ["https://shop.example.uz"].'
        yield source.finding((*keys, "origins"), "missing_key", f"“{keys[1]}” has no origin", advice)
    for origin in origins:
        if not is_origin(origin):
            advice = "Write scheme and host in small letters, a port only where it is unusual: https://shop.example.uz."
            message = f"“{origin}” is not an origin with https"
            yield source.finding((*keys, "origins"), "wrong_origin", message, advice, word=origin)
    share = site.get("share", "")
    if share and not all(_is_above(str(share), origin) for origin in origins):
        message = f"“{share}” is not the domain of all origins of “{keys[1]}”"
        advice = "Name a domain of two parts or more, such as example.uz, to which every origin belongs."
        yield source.finding((*keys, "share"), "wrong_domain", message, advice)


def is_origin(text: str) -> bool:
    """Whether a browser sends `text` as Origin, by TLS or within one machine."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and (host in _LOOPBACK or host.endswith(".localhost")))
    usual = port != {"https": 443, "http": 80}.get(parts.scheme)
    return safe and usual and text == f"{parts.scheme}://{host}{f':{port}' if port else ''}" and host.isascii()


def _is_above(domain: str, origin: str) -> bool:
    host = urlsplit(origin).hostname or ""
    return "." in domain.strip(".") and (host == domain or host.endswith(f".{domain}"))


def _is_declared(cookies: Any) -> bool:
    declared = cookies.get(CHOICE_COOKIE) if isinstance(cookies, dict) else None
    return isinstance(declared, dict) and declared.get("necessary") is True
