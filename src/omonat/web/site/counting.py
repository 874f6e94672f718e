"""Counting visits: only for who agreed to it, and after the answer has gone out (clause 8.1; docs/visits.md).

Nobody waits for the count: it is a task behind the answer, and a node that is killed in that moment loses it.
"""

from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from litestar import Response
from litestar.background_tasks import BackgroundTask

from omonat.kernel.clock import local_date
from omonat.kernel.errors import OmonatError
from omonat.policy import Policy
from omonat.statistics import PURPOSE, SOURCES, Kind, event_of
from omonat.web import cookies
from omonat.web.pages import render
from omonat.web.visit import Visit

if TYPE_CHECKING:
    from omonat.kernel.ids import SubjectId
    from omonat.statistics import Event, Source

_line = structlog.get_logger("omonat.statistics")


def page(visit: Visit, template: str, *, title: str, **context: Any) -> Response[str]:
    """A page of the site, counted when this browser's person agreed, and without the cookie when not.

    `form_id` of the context: the form that stands on the page.
    """
    counts = visit.permits(PURPOSE)
    answer = render(visit, template, title=title, counts=counts, **context)
    if not counts and cookies.VISIT in visit.request.cookies:
        cookies.remove(answer, cookies.VISIT)
    elif counts and visit.request.method == "GET":
        count(visit, answer, "view", form=context.get("form_id", ""))
    return answer


def count(visit: Visit, answer: Response[Any], kind: Kind, *, form: str = "") -> None:
    """Keep one event of this browser behind `answer`; nothing where its person did not agree, or where nobody looks."""
    choice, declared = visit.choice, visit.policy.cookies.get(cookies.VISIT)
    if choice is None or declared is None or not visit.permits(PURPOSE):
        return
    template = f"/{{language}}/{form}" if form else str(visit.request.scope["path_template"])
    event = event_of(visit.request.headers, kind=kind, page=template, language=visit.language, form=form)
    if event is None:
        return
    event = msgspec.structs.replace(event, source=_remembered(visit) or event.source)
    answer.background = BackgroundTask(_keep, visit, choice.visitor_id, event)
    cookies.put(answer, cookies.VISIT, local_date(visit.now).isoformat(), days=declared.keep_days)


def source_to_remember(policy: Policy, came: str) -> tuple[str, int] | None:
    """(value, days) of the cookie that says how this browser came to the page on which its person just agreed, for the
    first view that may be counted; None: it says nothing that we know."""
    declared = policy.cookies.get(cookies.VISIT)
    return (came, declared.keep_days) if declared is not None and came in SOURCES else None


def _remembered(visit: Visit) -> "Source | None":
    said = visit.request.cookies.get(cookies.VISIT, "")
    return next((source for source in SOURCES if source == said), None)


def _keep(visit: Visit, visitor_id: "SubjectId", event: "Event") -> None:
    try:
        visit.omonat.statistics.count(visitor_id, event, visit.now)
    except OmonatError as error:  # a busy moment costs a count, and nothing else
        _line.warning("not_counted", code=error.code)
