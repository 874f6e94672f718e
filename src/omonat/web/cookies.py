"""The names of the site's cookies and how they are set and removed (clause 8.1). Nothing else sets a cookie."""

from collections.abc import Iterable
from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie

CHOICE = "__Host-omonat_choice"
"""The visitor's choice about cookies; set only when a choice is made."""
SUBMISSION = "__Host-omonat_submission"
"""Reaches what this browser has sent with a form; set only when a form was sent."""
SESSION = "__Host-omonat_session"
"""The portal session; set only at sign-in."""
STAFF = "__Host-omonat_staff"
"""The session of the staff in the console, or a step of its sign-in; set only by signing in."""
VISIT = "omonat_visit"
"""The day of the last counted visit, at first the kind of page that led here; only with consent to `improve`."""
OURS = (CHOICE, SUBMISSION, SESSION, VISIT)

CHOICE_DAYS = 180
_PREFIXES = ("__Host-omonat_", "omonat_")


def put(response: Response[Any], name: str, value: str, *, days: int) -> None:
    """Set a cookie for `days` days: HttpOnly, Secure (also on http://localhost), SameSite=Lax, this host only."""
    response.set_cookie(_cookie(name, value, max_age=days * 86_400))


def set_cookie(name: str, value: str, *, days: int) -> bytes:
    """The value of a `Set-Cookie` header, with the attributes that `put` gives; 0 days remove the cookie."""
    said = f"{name}={value}; HttpOnly; Max-Age={days * 86_400}; Path=/; SameSite=lax; Secure"
    return said.encode("latin-1")


def find_cookie(header: str, name: str) -> str | None:
    """The value of a cookie in a `Cookie` header."""
    for pair in header.split(";"):
        said, equals, value = pair.strip().partition("=")
        if said == name and equals:
            return value.strip('"')
    return None


def put_for_session(response: Response[Any], name: str, value: str) -> None:
    """Set a cookie that the browser forgets when it is closed."""
    response.set_cookie(_cookie(name, value, max_age=None))


def remove(response: Response[Any], *names: str) -> None:
    """Remove cookies by name, with the attributes that they were set with, else `__Host-` ones would stay."""
    for name in names:
        response.set_cookie(_cookie(name, "", max_age=0))


def ours(request: Request[Any, Any, Any], declared: Iterable[str] = ()) -> tuple[str, ...]:
    """Every name to remove so that nothing of ours stays: what we may set, what is declared, what came (1.3)."""
    came = (name for name in request.cookies if name.startswith(_PREFIXES))
    return tuple(dict.fromkeys((*OURS, *declared, *came)))


def _cookie(name: str, value: str, *, max_age: int | None) -> Cookie:
    return Cookie(name, value=value, max_age=max_age, path="/", secure=True, httponly=True, samesite="lax")
