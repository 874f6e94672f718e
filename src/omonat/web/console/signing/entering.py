"""Coming in: the cookie under a new token, the way back, the word for the browser, who asks a passkey."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from litestar import Response
from litestar.response import Redirect

from omonat.crypto.passkeys import RelyingParty
from omonat.staff import PASSWORD, Opened
from omonat.web import cookies
from omonat.web.console.pages import NO_STORE, moved
from omonat.web.console.visit import ConsoleVisit
from omonat.web.visit import is_local

_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("YaBrowser", "Yandex"), ("Firefox", "Firefox"), ("Chrom", "Chromium"),
    ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iOS"), ("Windows", "Windows"), ("Mac OS", "macOS"),
            ("Linux", "Linux"))  # fmt: skip


def entered(visit: ConsoleVisit, opened: Opened, to: str = "") -> Redirect:
    """A session begins: a new token in the cookie, the session or step that was there before is over.

    Leads to `to`, or to the account page where a second factor is still missing.
    """
    if visit.token.reveal():
        visit.omonat.staff_sessions.end(visit.token)
    path = "/account" if opened.how == PASSWORD else ""
    answer = back_to(visit, to) if to and not path else moved(visit, path)
    cookies.put_for_session(answer, cookies.STAFF, opened.token.reveal())
    return answer


def waiting(visit: ConsoleVisit, token: str, path: str, to: str) -> Response[Any]:
    """The next step of a sign-in, in this browser alone."""
    if visit.session is not None:
        visit.omonat.staff_sessions.end(visit.token)
    answer = moved(visit, path, **({"to": to} if to else {}))
    cookies.put_for_session(answer, cookies.STAFF, token)
    return answer


def way_back(visit: ConsoleVisit, posted: dict[str, str] | None = None) -> str:
    """The page of the console that was wanted, or nothing: never another site, never a page outside of it."""
    said = (posted or {}).get("to", "") or visit.request.query_params.get("to", "")
    path = urlsplit(said).path if is_local(said) else ""
    inside = path.removeprefix("/").partition("/")[2]
    is_page = inside == "console" or inside.startswith("console/")
    return said if is_page and not inside.startswith("console/sign-") and ".." not in said else ""


def back_to(_visit: ConsoleVisit, to: str) -> Redirect:
    """To a page that `way_back` let pass."""
    return Redirect(to, status_code=303, headers=NO_STORE)


def query_of(to: str) -> str:
    """`?to=...`, or nothing."""
    return f"?{urlencode({'to': to})}" if to else ""


def device_of(visit: ConsoleVisit) -> str:
    """The kind of browser and system, in two words that the member recognises; nothing more of the agent line."""
    agent = visit.request.headers.get("user-agent", "")
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return ", ".join(word for word in (browser, system) if word) or "-"


def party_of(visit: ConsoleVisit) -> RelyingParty:
    """Who asks a passkey: the site of the settings; with `--dev` whatever address of this machine was called."""
    base = urlsplit(visit.omonat.settings.base_url)
    origins = {f"{base.scheme}://{base.netloc}"}
    if visit.omonat.settings.dev:
        origins.add(f"http://{visit.request.headers.get('host', '')}")
    return RelyingParty(base.hostname or "localhost", tuple(sorted(origins)), issuer_of(visit))


def issuer_of(visit: ConsoleVisit) -> str:
    """What an app or device shows beside the account: the operator, or before a policy is in force, Omonat."""
    version = visit.omonat.policies.find_in_force()
    return version.facts.operator.name[visit.language] if version else "Omonat"
