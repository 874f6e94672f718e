"""Counting visits: only for who agreed to it, only whole pages (clause 8.1)."""

from typing import Any

import structlog
from litestar import Response

from omonat.kernel.clock import local_date
from omonat.kernel.errors import OmonatError
from omonat.statistics import PURPOSE
from omonat.web import cookies
from omonat.web.pages import render
from omonat.web.visit import Visit

_line = structlog.get_logger("omonat.statistics")


def page(visit: Visit, template: str, *, title: str, **context: Any) -> Response[str]:
    """A page of the site, counted when this browser's person agreed, and without the cookie when not."""
    answer = render(visit, template, title=title, **context)
    if visit.permits(PURPOSE):
        _count(visit, answer)
    elif cookies.VISIT in visit.request.cookies:
        cookies.remove(answer, cookies.VISIT)
    return answer


def _count(visit: Visit, answer: Response[str]) -> None:
    choice, now = visit.choice, visit.omonat.clock.now()
    if choice is None or visit.request.method != "GET":
        return
    agent = visit.request.headers.get("user-agent", "")
    template = visit.request.scope["path_template"]
    try:
        counted = visit.omonat.statistics.count(choice.visitor_id, template, visit.language, agent, now)
    except OmonatError as error:  # a busy moment costs a count, not the page
        _line.warning("not_counted", code=error.code)
        return
    if counted:
        days = visit.policy.cookies[cookies.VISIT].keep_days
        cookies.put(answer, cookies.VISIT, local_date(now).isoformat(), days=days)
