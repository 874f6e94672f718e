"""Pages of the portal: the shared layout, never kept by any cache, never indexed."""

from typing import Any

from litestar import Request, Response
from litestar.response import Redirect

from omonat.kernel.language import translate
from omonat.web.pages import render
from omonat.web.portal.person import PortalVisit, WhoFirst
from omonat.web.problems import language_of

DOMAIN = "portal"
NO_STORE = {"Cache-Control": "no-store"}


def said(visit: PortalVisit, text: str, **places: object) -> str:
    """A text of the portal in the reader's language."""
    return translate(visit.language, DOMAIN, text, **places)


def page(visit: PortalVisit, template: str, *, title: str, status: int = 200, **context: Any) -> Response[str]:
    """One page; `title` is an English msgid of the domain `portal`."""
    answer = render(
        visit,
        f"portal/{template}.html",
        title=said(visit, title),
        domain=DOMAIN,
        status=status,
        **{
            "names": visit.names,
            "csrf": visit.csrf,
            "capital": capital,
            "signed_in": False,
            "done": "",
            "not_done": "",
            **context,
        },
    )
    answer.headers.update(NO_STORE)
    return answer


def capital(text: str) -> str:
    """With a capital letter, for a heading."""
    return text[:1].upper() + text[1:]


def moved(visit: PortalVisit, path: str) -> Redirect:
    """To another page of the portal after a POST."""
    return Redirect(visit.url(path), status_code=303, headers=NO_STORE)


def download(content: bytes, *, name: str, media_type: str) -> Response[bytes]:
    """A file to keep. `name` says what it is and when it was made, never whose it is."""
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def to_sign_in(request: Request[Any, Any, Any], error: Exception) -> Redirect:
    """A stranger is led to the sign-in, a half-signed-in person to the question who they are."""
    path = "/my/who" if isinstance(error, WhoFirst) else "/my/sign-in"
    return Redirect(f"/{language_of(request)}{path}", status_code=303, headers=NO_STORE)
