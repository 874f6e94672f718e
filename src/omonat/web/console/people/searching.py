"""Finding a person by an identifier; nothing of what was typed stands in an address or in a line of a log."""

from typing import Any

from litestar import Response, get, post

from omonat.kernel.errors import InvalidInput
from omonat.web.console.people.pages import KINDS, page, reason_field, said
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted, filled
from omonat.web.visit import AnyRequest

_NEEDS = {"contract": "contract.read", "case": "case.read"}


@get("/people", right="person.find", sync_to_thread=True)
def search_page(request: AnyRequest) -> Response[Any]:
    """The form; there is no list of people."""
    return _page(console_visit(request), {}, {})


@post("/people", right="person.find", sync_to_thread=True)
def search(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Who is named by exactly that value: ids and whether it is confirmed, nothing else."""
    visit = console_visit(request, posted)
    purpose, reason = posted.get("purpose", ""), posted.get("reason", "")
    try:
        found = visit.omonat.people.search(
            visit.account, posted.get("kind", ""), posted.get("value", ""), purpose=purpose, reason=reason,
            now=visit.now,
        )  # fmt: skip
    except InvalidInput as error:
        return _page(visit, posted, error.problems, status=422)
    return _page(visit, posted, {}, found=found)


def _page(visit: ConsoleVisit, typed: dict[str, str], problems: dict[str, str], **more: Any) -> Response[Any]:
    fields = (
        FieldView("value", said(visit, "What exactly"), "search", True, 320),
        reason_field(visit, said(visit, "Why you look")),
    )  # fmt: skip
    kinds = [(word, said(visit, KINDS[word])) for word in KINDS if visit.may(_NEEDS.get(word, "person.find"))]
    return page(
        visit, "search", title="Find a person", typed=typed, problems=problems, kinds=kinds,
        fields=filled(fields, typed, problems, language=visit.language), **{"found": None, **more},
    )  # fmt: skip


HANDLERS = (search_page, search)
