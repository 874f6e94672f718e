"""Acts on several cases: a page that asks once more, a result for each, and taking it back within an hour."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from omonat.kernel.errors import Denied, InvalidInput
from omonat.kernel.ids import to_id
from omonat.kernel.language import translate
from omonat.rights.rules import REFUSALS
from omonat.web.console.cases.pages import explained, page, reason, said
from omonat.web.console.pages import csv_file, moved, wants_csv
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted
from omonat.web.visit import AnyRequest

ACTS = {"assign": "cases were given", "close": "cases were closed"}
OUTCOMES = ("answered", "carried_out", "refused")


@get("/cases/bulk", right="case.work", sync_to_thread=True)
def ask_page(request: AnyRequest) -> Response[Any]:
    """What was chosen in the list, and what is to be done with it."""
    visit = console_visit(request)
    query = visit.request.query_params
    ids = [each for chosen in query.getall("case", []) for each in chosen.split()]
    words = {name: query.get(name, "") for name in ("act", "to", "outcome", "reason")}
    return _ask(visit, ids, words)


def _ask(visit: ConsoleVisit, ids: list[str], words: dict[str, str], problem: str = "", status: int = 200
         ) -> Response[Any]:  # fmt: skip
    rows = visit.omonat.support.queue.rows(_known(ids))
    members = visit.omonat.support.queue.members()
    return page(
        visit, "bulk", title="Several cases", status=status, rows=rows, words=words, members=members, wrong=problem,
        outcomes=OUTCOMES, refusals=REFUSALS,
    )  # fmt: skip


def _known(ids: list[str]) -> list[UUID]:
    return [to_id(each) for each in dict.fromkeys(ids)][:100]


@post("/cases/bulk", right="case.work", sync_to_thread=True)
def carry_out(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Do it, case by case."""
    visit = console_visit(request, posted)
    ids = posted.get("cases", "").split()
    words = {name: posted.get(name, "") for name in ("act", "to", "outcome", "reason")}
    act = words["act"]
    told = {"to": words["to"]} if act == "assign" else {"outcome": words["outcome"], "reason": words["reason"]}
    if act == "close" and words["outcome"] != "refused":
        told["reason"] = ""
    try:
        done = visit.omonat.support.bulk.carry_out(visit.account, act, told, ids, now=visit.now)
    except InvalidInput as error:
        problem = translate(visit.language, "errors", next(iter(error.problems.values())))
        return _ask(visit, ids, words, problem, 422)
    return moved(visit, "/cases/acts", act=str(done.bulk_id))


@get("/cases/acts", right="case.work", sync_to_thread=True)
def acts_page(request: AnyRequest) -> Response[Any]:
    """One act with its results; without `act`, the last ones of this member."""
    visit = console_visit(request)
    wanted = visit.request.query_params.get("act", "")
    return _act_page(visit, wanted) if wanted else _list(visit)


def _list(visit: ConsoleVisit) -> Response[Any]:
    bulk = visit.omonat.support.bulk
    members = {str(each.staff_id): each.name for each in visit.omonat.support.queue.members()}
    if wants_csv(visit):
        heads = [said(visit, head) for head in ("Time", "Act", "Number of cases", "Taken back at")]
        rows = (
            (one.at, said(visit, ACTS[one.act]), len(one.results), one.undone_at) for one in bulk.recent(visit.account)
        )
        return csv_file(visit, "acts", heads, rows)
    return page(
        visit, "acts", title="What I did with several cases", acts=bulk.recent(visit.account), members=members,
        may_undo=lambda done: bulk.may_undo(done, visit.now),
    )  # fmt: skip


def _act_page(visit: ConsoleVisit, act: str, problem: str = "", status: int = 200) -> Response[Any]:
    support = visit.omonat.support
    done = support.bulk.get(visit.account, act)
    rows = {str(row.case_id): row for row in support.queue.rows([UUID(each.case) for each in done.results])}
    members = {str(each.staff_id): each.name for each in support.queue.members()}
    return page(
        visit, "act", title="Result", status=status, done=done, rows=rows, members=members, wrong=problem,
        may_undo=support.bulk.may_undo(done, visit.now), explain=lambda code: reason(visit, code),
    )  # fmt: skip


@post("/cases/acts/undo", right="case.work", sync_to_thread=True)
def undo(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Take it back."""
    visit = console_visit(request, posted)
    act = posted.get("act", "")
    try:
        visit.omonat.support.bulk.undo(visit.account, act, now=visit.now)
    except Denied as error:
        return _act_page(visit, act, explained(visit, error), 409)
    return moved(visit, "/cases/acts", act=act, done="undone")


@get("/cases/acts/undo", right="case.work", sync_to_thread=False)
def no_page(request: AnyRequest) -> Response[Any]:
    """What a button does is no page."""
    return moved(console_visit(request), "/cases/acts")


HANDLERS = (ask_page, carry_out, acts_page, undo, no_page)
