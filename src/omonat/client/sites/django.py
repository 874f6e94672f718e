"""For Django: a middleware and one setting.

    MIDDLEWARE = ["omonat.client.sites.django.OmonatForms", ...]
    OMONAT = {"base_url": "https://iptelefoniya.uz", "key": KEY, "forms": {"/callback": "callback"},
              "template": "form.html"}

The template gets `shown`: `{{ shown.title }}`, `{{ shown.html|safe }}`. In a view: `request.omonat.permits("improve")`.
The banner in one's own pages: `omonat.client.sites.django.OmonatBanner` before it, with OMONAT["origin"], and in a
template `{{ request.omonat_banner|safe }}` before `</body>`.
"""

from collections.abc import Callable
from functools import partial

from django.conf import settings  # type: ignore[import-untyped]
from django.http import HttpRequest, HttpResponse  # type: ignore[import-untyped]
from django.template.loader import render_to_string  # type: ignore[import-untyped]

from omonat.client.clients import Omonat
from omonat.client.sites.banner import SiteBanner
from omonat.client.sites.basis import Basis
from omonat.client.sites.choice import Visitor
from omonat.client.sites.pages import Shown, whole_page
from omonat.client.sites.serving import MOST_BYTES, PATIENCE, REMEMBER, TRIES, Came, Page, SiteForms, carry


class OmonatForms:
    """The middleware. OMONAT holds what `SiteForms` takes, `key`, and `template` in place of `page`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response
        given = dict(settings.OMONAT)
        key, template = given.pop("key"), given.pop("template", "")
        given.pop("origin", None)  # the banner's
        page = (lambda shown: _in_template(template, shown)) if template else whole_page
        self._forms = SiteForms(**{"page": page, **given})
        self._basis = Basis(given["base_url"])
        self._client = Omonat(given["base_url"], key, timeout=PATIENCE, tries=TRIES, remember=REMEMBER)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve a form, or let the site answer."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        request.omonat = Visitor(headers, self._basis)
        if not self._forms.takes(request.method or "", request.path):
            return self._next(request)
        came = Came(
            request.method or "", request.path, request.META.get("QUERY_STRING", ""), headers,
            request.META.get("REMOTE_ADDR", ""),
        )  # fmt: skip
        body = request.read(MOST_BYTES + 1)
        page = Page(413, {}, b"") if len(body) > MOST_BYTES else carry(self._forms.serve(came, body), self._client)
        return HttpResponse(page.body, status=page.status, headers=page.headers)


class OmonatBanner:
    """The middleware of the banner. OMONAT holds `base_url`, `origin` and perhaps `language`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next, given = get_response, settings.OMONAT
        self._banner = SiteBanner(given["base_url"], given["origin"], language=given.get("language", ""))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Take a choice, or give the site its banner and let it answer."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        if request.method != "POST" or request.path != self._banner.path:
            request.omonat_banner = partial(self._banner.html, headers, request.get_full_path())
            return self._next(request)
        body = request.read(MOST_BYTES + 1)
        address = request.META.get("REMOTE_ADDR", "")
        page = Page(413, {}, b"") if len(body) > MOST_BYTES else self._banner.answer(headers, body, address)
        return HttpResponse(page.body, status=page.status, headers=page.headers)


def _in_template(template: str, shown: Shown) -> str:
    return str(render_to_string(template, {"shown": shown}))
