"""Pages of the console: one layout, never kept by any cache, never indexed; lists also as CSV."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.response import Redirect

from omonat.documents import csv_table
from omonat.kernel.clock import TASHKENT, local_date
from omonat.kernel.language import translate
from omonat.web.console.navigation import sections
from omonat.web.console.visit import ConsoleVisit
from omonat.web.pages import render_plain
from omonat.web.problems import language_of

DOMAIN = "console"
NO_STORE = {"Cache-Control": "no-store"}


def console_page(visit: ConsoleVisit, template: str, *, title: str, status: int = 200, **context: Any) -> Response[str]:
    """One page. `template`: folder and name, the folder is the text domain. `title` is already translated.

    In the template: `visit`, `names`, `csrf`, `said_done` (what the last act did), `t`, `shell_t` (domain `console`).
    """
    domain = template.partition("/")[0]
    frame = {
        "sections": sections(visit),
        "shell_t": partial(translate, visit.language, DOMAIN),
        "names": visit.names,
        "csrf": visit.csrf,
        "said_done": "",
    }
    answer = render_plain(visit, template, title=title, domain=domain, status=status, **(frame | context))
    answer.headers.update(NO_STORE)
    return answer


def moved(visit: ConsoleVisit, path: str, **query: str) -> Redirect:
    """To another page of the console after a POST; `query` holds words and ids only."""
    after = f"?{urlencode(query)}" if query else ""
    return Redirect(visit.url(f"/console{path}{after}"), status_code=303, headers=NO_STORE)


def wants_csv(visit: ConsoleVisit) -> bool:
    """Whether the list is asked for as a file: `?format=csv`."""
    return visit.request.query_params.get("format") == "csv"


def part_of(visit: ConsoleVisit) -> str:
    """Which list of a page with several is asked for as a file: `?format=csv&part=cookies`; empty: the first."""
    return str(visit.request.query_params.get("part", ""))


def csv_file(visit: ConsoleVisit, name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response[bytes]:
    """A list as a file. `name`: a word that says what it is, never whose; heads are translated already."""
    content = csv_table(visit.language, heads, ([_cell(value) for value in row] for row in rows))
    return download(content, name=f"{name}-{local_date(visit.now).isoformat()}.csv", media_type="text/csv")


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(TASHKENT).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def download(content: bytes, *, name: str, media_type: str) -> Response[bytes]:
    """A file to keep."""
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def to_account(request: Request[Any, Any, Any], _error: Exception) -> Redirect:
    """A member without a second factor is led to where it is set up."""
    return Redirect(f"/{language_of(request)}/console/account", status_code=303, headers=NO_STORE)


def to_sign_in(request: Request[Any, Any, Any], _error: Exception) -> Redirect:
    """A stranger is led to the sign-in, and from there back to the page that he opened."""
    back = f"?{urlencode({'to': request.url.path})}" if request.method == "GET" else ""
    return Redirect(f"/{language_of(request)}/console/sign-in{back}", status_code=303, headers=NO_STORE)


def to_undertaking(request: Request[Any, Any, Any], _error: Exception) -> Redirect:
    """Who has not accepted the undertaking in force is led to it, and from there back."""
    back = f"?{urlencode({'to': request.url.path})}" if request.method == "GET" else ""
    return Redirect(f"/{language_of(request)}/console/undertaking{back}", status_code=303, headers=NO_STORE)
