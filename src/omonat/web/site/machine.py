"""What programs read: the policy as JSON, the GPC statement, robots, the site map, health."""

from typing import Any
from xml.sax.saxutils import escape

from litestar import Response, get
from litestar.connection import Request

from omonat import policy as policies
from omonat.kernel.clock import local_date
from omonat.kernel.codec import to_json
from omonat.kernel.language import LANGUAGES
from omonat.web.visit import AnyRequest, omonat_of

PAGES = ("/", "/policy", "/policy/versions", "/contact", "/callback", "/order", "/cookies", "/disagree")


def _short_lived(content: str | bytes, media_type: str) -> Response[Any]:
    return Response(content, media_type=media_type, headers={"Cache-Control": "public, max-age=300"})


@get("/policy.json", sync_to_thread=True)
def policy_json(request: AnyRequest) -> Response[Any]:
    """The policy in force, or `?version=NUMBER`, machine-readable, with W3C DPV terms. Raises NotFound."""
    held, wanted = omonat_of(request).policies, request.query_params.get("version")
    version = held.get(wanted) if wanted else held.in_force()
    return _short_lived(to_json(policies.to_public_json(version)), "application/json")


@get("/.well-known/gpc.json", sync_to_thread=True)
def gpc(request: AnyRequest) -> Response[Any]:
    """We honour Global Privacy Control, in force since the day of the version (clause 8.2)."""
    since = local_date(omonat_of(request).policies.in_force().in_force_at)
    return _short_lived(to_json({"gpc": True, "lastUpdate": since.isoformat()}), "application/json")


@get("/robots.txt", sync_to_thread=False)
def robots(request: AnyRequest) -> Response[Any]:
    """Everything public may be indexed; the portal and what follows a form may not."""
    base = omonat_of(request).settings.base_url.rstrip("/")
    closed = [f"Disallow: /{language}/{path}" for language in LANGUAGES for path in ("my", "thanks", "disagree/done")]
    lines = ["User-agent: *", *closed, "", f"Sitemap: {base}/sitemap.xml", ""]
    return _short_lived("\n".join(lines), "text/plain")


@get("/sitemap.xml", sync_to_thread=False)
def sitemap(request: AnyRequest) -> Response[Any]:
    """Every public page in every language, each with its translations."""
    base = omonat_of(request).settings.base_url.rstrip("/")
    entries = "".join(_entry(base, page, language) for page in PAGES for language in LANGUAGES)
    opening = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:x="http://www.w3.org/1999/xhtml">'
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}{entries}</urlset>\n'
    return _short_lived(text, "application/xml; charset=utf-8")


def _entry(base: str, page: str, language: str) -> str:
    others = "".join(
        f'<x:link rel="alternate" hreflang="{other}" href="{escape(f"{base}/{other}{page}")}"/>' for other in LANGUAGES
    )
    return f"<url><loc>{escape(f'{base}/{language}{page}')}</loc>{others}</url>"


@get("/healthz", sync_to_thread=True)
def health(request: Request[Any, Any, Any]) -> Response[Any]:
    """200 when the policy in force can be read from the database; an error says 503 or 500 and nothing more."""
    omonat_of(request).policies.in_force()
    return Response("ok\n", media_type="text/plain", headers={"Cache-Control": "no-store"})
