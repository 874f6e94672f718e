"""For Flask: one line.

    OmonatForms(app, base_url="https://iptelefoniya.uz", key=KEY, forms={"/callback": "callback"})

`template="form.html"` gets `shown`: `{{ shown.title }}`, `{{ shown.html|safe }}`. In a view:
`g.omonat.permits("improve")`. The banner in one's own pages: `OmonatBanner(app, base_url=..., origin=...)`, and in a
template `{{ g.omonat_banner(nonce)|safe }}` before `</body>`.
"""

from collections.abc import Mapping
from functools import partial

from flask import Flask, Response, g, render_template, request

from omonat.client.clients import Omonat
from omonat.client.sites.banner import SiteBanner
from omonat.client.sites.basis import Basis
from omonat.client.sites.choice import Visitor
from omonat.client.sites.pages import Shown, whole_page
from omonat.client.sites.serving import MOST_BYTES, PATIENCE, REMEMBER, TRIES, Came, Page, SiteForms, carry


class OmonatForms:
    """What is done before each request. See `SiteForms` for what may be set."""

    def __init__(
        self, app: Flask, *, base_url: str, key: str, forms: Mapping[str, str], template: str = "",
        language: str = "", proxies: int = 0,
    ) -> None:  # fmt: skip
        page = partial(_in_template, template) if template else whole_page
        self._forms = SiteForms(forms, base_url, page=page, language=language, proxies=proxies)
        self._basis = Basis(base_url)
        self._client = Omonat(base_url, key, timeout=PATIENCE, tries=TRIES, remember=REMEMBER)
        app.before_request(self._before)

    def _before(self) -> Response | None:
        """Serve a form, or let the site answer (None)."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        g.omonat = Visitor(headers, self._basis)
        if not self._forms.takes(request.method, request.path):
            return None
        came = Came(
            request.method, request.path, request.query_string.decode("latin-1"), headers, request.remote_addr or ""
        )
        body = request.stream.read(MOST_BYTES + 1)
        page = Page(413, {}, b"") if len(body) > MOST_BYTES else carry(self._forms.serve(came, body), self._client)
        return Response(page.body, status=page.status, headers=page.headers)


class OmonatBanner:
    """The banner in the site's own pages. See `SiteBanner` for what may be set."""

    def __init__(
        self, app: Flask, *, base_url: str, origin: str, path: str = "/omonat-choice", language: str = ""
    ) -> None:  # fmt: skip
        self._banner = SiteBanner(base_url, origin, path=path, language=language)
        app.before_request(self._before)

    def _before(self) -> Response | None:
        """Take a choice, or give the site its banner and let it answer (None)."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        if request.method != "POST" or request.path != self._banner.path:
            g.omonat_banner = partial(self._banner.html, headers, request.full_path.rstrip("?"))
            return None
        body = request.stream.read(MOST_BYTES + 1)
        too_long = len(body) > MOST_BYTES
        page = Page(413, {}, b"") if too_long else self._banner.answer(headers, body, request.remote_addr or "")
        return Response(page.body, status=page.status, headers=page.headers)


def _in_template(template: str, shown: Shown) -> str:
    return render_template(template, shown=shown)
