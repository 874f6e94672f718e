"""The list of API keys, and one of them."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from omonat.access import ApiKey
from omonat.web.console.keys.pages import RIGHT, STATE_WORDS, page, said, state_of, to_key_id
from omonat.web.console.pages import csv_file, wants_csv
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.visit import AnyRequest

_PAGE, _IN_A_FILE = 50, 1000
_DONE = {"revoked": "The key is revoked. Programs that use it are refused from now on.",
         "waiting": "A second person has to approve it."}  # fmt: skip


@get("/keys", right=RIGHT, sync_to_thread=True)
def key_list(request: AnyRequest) -> Response[Any]:
    """Every key, revoked ones too."""
    visit = console_visit(request)
    after = request.query_params.get("after", "")
    found = visit.omonat.api_keys.page(after, _IN_A_FILE if wants_csv(visit) else _PAGE + 1)
    if wants_csv(visit):
        return _file(visit, found)
    rows = found[:_PAGE]
    more = f"?{urlencode({'after': rows[-1].name})}" if len(found) > _PAGE else ""
    return page(visit, "list", title="API keys", rows=rows, more=more, said_done=_done(visit))


def _file(visit: ConsoleVisit, found: list[ApiKey]) -> Response[Any]:
    heads = [said(visit, text) for text in ("Name", "Begins with", "State", "Rights", "Works until", "Last used",
                                            "Made by", "Made")]  # fmt: skip
    rows = [
        [one.name, one.prefix, said(visit, STATE_WORDS[state_of(visit, one)]), " ".join(sorted(one.granted.rights)),
         one.expires_at, one.last_used_on, visit.names.actor(one.created_by), one.created_at]
        for one in found
    ]  # fmt: skip
    return csv_file(visit, "api-keys", heads, rows)


@get("/keys/{key_id:str}", right=RIGHT, sync_to_thread=True)
def key_page(request: AnyRequest, key_id: FromPath[str]) -> Response[Any]:
    """What a key may do, and what may be done with it."""
    visit = console_visit(request)
    key = visit.omonat.api_keys.get(to_key_id(key_id))
    return page(visit, "key", title="API key", key=key, said_done=_done(visit))


def _done(visit: ConsoleVisit) -> str:
    text = _DONE.get(visit.request.query_params.get("done", ""))
    return said(visit, text) if text else ""


HANDLERS = (key_list, key_page)
