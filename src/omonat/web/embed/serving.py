"""The routes of the banner on other sites: two scripts for everybody, and the choice from declared origins only."""

import asyncio
import gzip
from functools import lru_cache
from typing import Any

import brotli  # type: ignore[import-untyped]  # it comes without types
import msgspec
from litestar import Response, get, post, route
from litestar.params import FromPath

from omonat.consent import NOTICE, PLACE, SETTINGS
from omonat.kernel.codec import from_json, to_json
from omonat.kernel.errors import NotFound, OmonatError
from omonat.kernel.language import LANGUAGES
from omonat.policy import Policy
from omonat.web.csrf import PROGRAMS
from omonat.web.embed.content import first_layer, included, second_layer
from omonat.web.limits import CHOICES, limited
from omonat.web.problems import BadRequest, answer_error
from omonat.web.visit import AnyRequest, omonat_of

CHOICE_PATH = "/embed/choice"
KINDS = ("application/json", "text/plain")
"""Plain text, too: a browser sends that to another origin without asking first, which saves a way there and back."""
MOST_BYTES = 8 * 1024
WAYS = {"banner": NOTICE, "settings": SETTINGS, "placeholder": PLACE}
"""How a choice was made, and which text stood there."""


class SiteNotDeclared(OmonatError):
    """A choice from a page of a site that the policy in force does not name."""

    code = "site_not_declared"
    message = "Choices are not taken from this site."
    what_to_do = "Declare its origin under [site.NAME] of the policy, and publish it."


class ChoiceSent(msgspec.Struct, frozen=True, kw_only=True):
    """What the script sends. `purposes`: those that were asked about; `choice`: the one before, as it was given out;
    `text`: hash of the whole notice of the version that was shown, or of the settings (`via`).
    """

    purposes: dict[str, bool]
    language: str
    via: str
    text: str
    choice: str = ""
    gpc: bool = False


@get("/omonat.js", sync_to_thread=True)
def script(request: AnyRequest) -> Response[Any]:
    """The first layer, for a script tag on any page. It knows the policy and nobody's choice."""
    return _script(request, first_layer(omonat_of(request).policies.in_force()))


@get("/embed/{language:str}/settings.js", sync_to_thread=True)
def settings(request: AnyRequest, language: FromPath[str]) -> Response[Any]:
    """The second layer, loaded when somebody opens it. Raises NotFound for a language that there is not."""
    if language not in LANGUAGES:
        raise NotFound
    return _script(request, second_layer(omonat_of(request).policies.in_force(), language))


@get("/embed/{language:str}/banner.json", sync_to_thread=True)
def include(request: AnyRequest, language: FromPath[str]) -> Response[Any]:
    """The first layer for the HTML of a site's own server. Raises NotFound for a language that there is not."""
    if language not in LANGUAGES:
        raise NotFound
    content = included(omonat_of(request).policies.in_force(), language)
    return Response(content, media_type="application/json", headers={"Cache-Control": "public, max-age=300"})


def _script(request: AnyRequest, content: bytes) -> Response[Any]:
    headers = {
        "Cache-Control": "public, max-age=300",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Vary": "Accept-Encoding",
    }
    accepted = request.headers.get("accept-encoding", "")
    coding = next((name for name in ("br", "gzip") if _takes(accepted, name)), "")
    if coding:
        headers["Content-Encoding"] = coding
    return Response(_compressed(content, coding), media_type="text/javascript; charset=utf-8", headers=headers)


def _takes(accepted: str, coding: str) -> bool:
    """Whether `coding` is in Accept-Encoding, and not with weight 0 (RFC 9110, 12.5.3)."""
    offered = [one.replace(" ", "").lower().partition(";q=") for one in accepted.split(",")]
    return any(name == coding and (not weight or weight.strip("0.")) for name, _, weight in offered)


@lru_cache(maxsize=32)
def _compressed(content: bytes, coding: str) -> bytes:
    """As small as it gets: done once for each script of a version."""
    if coding == "br":
        smallest: bytes = brotli.compress(content, quality=11)
        return smallest
    return gzip.compress(content, 9, mtime=0) if coding else content


@route(CHOICE_PATH, http_method=["OPTIONS"], status_code=200, opt={PROGRAMS: True}, sync_to_thread=True)
def ask_first(request: AnyRequest) -> Response[Any]:
    """The question of a browser before it sends JSON to another origin: CORS headers for declared origins only."""
    headers = {"Allow": "POST, OPTIONS", "Vary": "Origin", "Cache-Control": "no-store"}
    origin = request.headers.get("origin", "")
    if site_of(omonat_of(request).policies.in_force().facts, origin):
        headers |= _allowing(origin) | {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Content-Type",
            "Access-Control-Max-Age": "600",
        }
    return Response(None, status_code=204, headers=headers)


@post(
    CHOICE_PATH,
    status_code=200,
    opt={PROGRAMS: True},
    guards=[limited(CHOICES)],
    request_max_body_size=MOST_BYTES,
)
async def choose(request: AnyRequest) -> Response[Any]:
    """Record a choice made on another site: `ChoiceSent` in, `{"choice": …}` out, for the site to keep.

    A purpose that is left out keeps its earlier answer.

    Looks at no cookie and returns nothing but the choice that was sent, signed. 403 from an undeclared origin, 409
    when something is allowed under a notice that is not in force any more.
    """
    body = await request.body()
    return await asyncio.to_thread(_choose, request, body)


def _choose(request: AnyRequest, body: bytes) -> Response[Any]:
    """Runs in a worker thread: it asks the database. Errors reach the page of a declared origin, too."""
    headers = {"Vary": "Origin", "Cache-Control": "no-store"}
    origin = request.headers.get("origin", "")
    try:
        site = _site_of(request, origin)
        headers |= _allowing(origin)
        value = _record(request, site, _read(request, body))
        answer = Response(to_json({"choice": value}), media_type="application/json", status_code=200)
    except OmonatError as error:
        answer = answer_error(request, error)
    answer.headers.update(headers)
    return answer


def _site_of(request: AnyRequest, origin: str) -> str:
    """By the version of a second ago, which asks the database nothing; a site may be declared since."""
    policies = omonat_of(request).policies
    site = site_of(policies.recent().facts, origin) or site_of(policies.in_force().facts, origin)
    if not site:
        raise SiteNotDeclared
    return site


def _allowing(origin: str) -> dict[str, str]:
    return {"Access-Control-Allow-Origin": origin, "Cross-Origin-Resource-Policy": "cross-origin"}


def _read(request: AnyRequest, body: bytes) -> ChoiceSent:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in KINDS:
        raise BadRequest
    try:
        sent = from_json(body, ChoiceSent)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadRequest from error
    if sent.language not in LANGUAGES or sent.via not in WAYS:
        raise BadRequest
    return sent


def _record(request: AnyRequest, site: str, sent: ChoiceSent) -> str:
    """The choice to keep. Raises PolicyChanged."""
    omonat = omonat_of(request)
    signal = sent.gpc or request.headers.get("sec-gpc") == "1"
    return omonat.consents.choose(
        sent.choice, sent.purposes, sent.language, f"{sent.via}:{site}", shown=sent.text, gpc=signal,
        now=omonat.clock.now(), layer=WAYS[sent.via],
    )  # fmt: skip


def site_of(policy: Policy, origin: str) -> str:
    """The declared site that an origin belongs to; empty: none."""
    return next((name for name, site in policy.sites.items() if origin in site.origins), "")
