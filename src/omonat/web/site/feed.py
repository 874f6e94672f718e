"""The feed of versions, one per language, so that people can follow the changes (clause 9.2)."""

from typing import Any

from litestar import Response, get

from omonat.kernel.clock import iso
from omonat.web.pages import TEMPLATES, texts
from omonat.web.site.policy import with_previous
from omonat.web.visit import AnyRequest, open_visit


@get("/{language:str}/policy/feed.atom", sync_to_thread=True)
def feed(request: AnyRequest) -> Response[Any]:
    """Every version as an Atom entry (RFC 4287), the newest first."""
    visit = open_visit(request)
    base = visit.omonat.settings.base_url.rstrip("/")
    context = texts(visit.language, "site") | {
        "language": visit.language,
        "base": f"{base}/{visit.language}",
        "operator": visit.policy.operator,
        "versions": with_previous(visit.omonat.policies.versions()),
        "iso": iso,
    }
    text = TEMPLATES.get_template("site/feed.xml").render(context)
    headers = {"Cache-Control": "public, max-age=300", "Content-Language": visit.language}
    return Response(text, media_type="application/atom+xml; charset=utf-8", headers=headers)
