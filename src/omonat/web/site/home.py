"""The start: language by the browser, then what the company offers and the three forms."""

from typing import Any

from litestar import Response, get
from litestar.response import Redirect

from omonat.kernel.language import translate, wanted_language
from omonat.web.site.counting import page
from omonat.web.visit import AnyRequest, open_visit

FORMS = ("callback", "order", "contact")


@get("/", sync_to_thread=False)
def start(request: AnyRequest) -> Redirect:
    """To the start page in the language that the browser asks for; Uzbek in Latin letters if none fits."""
    return _in_wanted_language(request, "/")


@get("/my", sync_to_thread=False)
def start_of_portal(request: AnyRequest) -> Redirect:
    """The address of the portal that can be said on the telephone."""
    return _in_wanted_language(request, "/my")


def _in_wanted_language(request: AnyRequest, path: str) -> Redirect:
    language = wanted_language(request.headers.get("accept-language", ""))
    headers = {"Vary": "Accept-Language", "Cache-Control": "private, no-cache"}
    return Redirect(f"/{language}{path}", status_code=302, headers=headers)


@get("/{language:str}", sync_to_thread=True)
def home(request: AnyRequest) -> Response[Any]:
    """What the company offers, and the ways to ask for it."""
    visit = open_visit(request)
    return page(
        visit,
        "site/home.html",
        title=translate(visit.language, "site", "IP telephony and CRM for business in Uzbekistan"),
        description=translate(
            visit.language, "site",
            "IP telephony, virtual PBX, CRM, call centre and city numbers for companies in Uzbekistan.",
        ),
        forms=tuple(form for form in FORMS if form in visit.policy.forms),
    )  # fmt: skip
