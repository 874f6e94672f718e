"""Versions of the policy, what differs between two, and the facts of the one in force (clauses 3.1 to 9.2)."""

from typing import Any

from litestar import Response, get

from omonat.consent import VOID_RUN
from omonat.kernel.errors import NotFound
from omonat.web.console.gate import SIGNED_IN
from omonat.web.console.pages import part_of, wants_csv
from omonat.web.console.registers.pages import page, said, table_file
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.site.comparison import compare
from omonat.web.visit import AnyRequest

_VERSION_HEADS = ("Version", "Kind", "In force from", "Author", "Reason", "SHA-256")
_DRAFT_HEADS = ("Version", "Uploaded", "Author", "State")
_DRAFT_STATES = {"draft": "waits for a decision", "published": "published", "dropped": "thrown away"}
_FACT_HEADS = ("Purpose", "Clause", "Grounds", "Kind of data", "Kept for")
_UNITS = {"day": "days", "month": "months", "year": "years"}


@get("/policy", right=SIGNED_IN, sync_to_thread=True)
def versions(request: AnyRequest) -> Response[Any]:
    """All versions, the newest first; uploaded ones for whoever may publish."""
    visit = console_visit(request)
    found = visit.omonat.policies.versions()[::-1]
    if wants_csv(visit) and part_of(visit) == "drafts" and visit.may("policy.publish"):
        uploaded = ((one.number, one.made_at, visit.names.actor(one.author), said(visit, _DRAFT_STATES[one.state]))
                  for one in visit.omonat.drafts.newest())  # fmt: skip
        return table_file(visit, "uploaded-policies", _DRAFT_HEADS, uploaded)
    if wants_csv(visit):
        rows = ((one.number, one.kind, one.in_force_at, one.author, one.reason, one.hash) for one in found)
        return table_file(visit, "policy-versions", _VERSION_HEADS, rows)
    drafts = visit.omonat.drafts.newest() if visit.may("policy.publish") else []
    voided = visit.omonat.runs.newest([VOID_RUN], 3)
    return page(visit, "policy", title="Policy", versions=found, drafts=drafts, voided=voided)


@get("/policy/compare", right=SIGNED_IN, sync_to_thread=True)
def compared(request: AnyRequest) -> Response[Any]:
    """Two versions clause by clause; the last two when none are named. Raises NotFound."""
    visit = console_visit(request)
    by_number = {version.number: version for version in visit.omonat.policies.versions()}
    numbers = list(by_number)
    earlier = request.query_params.get("from") or numbers[max(len(numbers) - 2, 0)]
    later = request.query_params.get("to") or numbers[-1]
    if earlier not in by_number or later not in by_number:
        raise NotFound
    return page(
        visit, "compare", title="What changed", earlier=earlier, later=later, numbers=numbers[::-1],
        comparison=compare(by_number[earlier], by_number[later], visit.language),
    )  # fmt: skip


@get("/policy/register", right=SIGNED_IN, sync_to_thread=True)
def register(request: AnyRequest) -> Response[Any]:
    """What the policy in force declares: purposes, grounds, kinds of data, terms, cookies; holds of the law."""
    visit = console_visit(request)
    policy = visit.policy
    if wants_csv(visit):
        return _register_file(visit)
    return page(visit, "register", title="What the policy declares", policy=policy, pack=visit.pack)


def _register_file(visit: ConsoleVisit) -> Response[Any]:
    """One of the four lists of the register: purposes, categories, cookies, holds."""
    policy, names = visit.policy, visit.names
    if part_of(visit) == "categories":
        kinds = ((names.category(key), _yes(visit, one.identifies), one.dpv) for key, one in policy.categories.items())
        return table_file(visit, "kinds-of-data", ("Kind of data", "Identifies a person", "W3C DPV"), kinds)
    if part_of(visit) == "cookies":
        cookies = ((key, names.purpose(one.purpose), _yes(visit, one.necessary), one.keep_days)
                   for key, one in policy.cookies.items())  # fmt: skip
        return table_file(visit, "cookies", ("Cookie", "Purpose", "Necessary", "Days"), cookies)
    if part_of(visit) == "holds":
        known = [visit.pack.holds[key] for key in policy.holds]
        laws = ((one.law[visit.language], f"{one.amount} {said(visit, _UNITS[one.unit])}", names.word("mark", one.mark))
                for one in known)  # fmt: skip
        return table_file(visit, "laws", ("Law", "Term", "How sure"), laws)
    rows = (
        (names.purpose(key), purpose.clause, " ".join(purpose.grounds), names.category(category),
         policy.keep_for(key, category).words())
        for key, purpose in policy.purposes.items() for category in purpose.categories
    )  # fmt: skip
    return table_file(visit, "purposes", _FACT_HEADS, rows)


def _yes(visit: ConsoleVisit, is_so: bool) -> str:
    return said(visit, "yes") if is_so else said(visit, "no")


HANDLERS = (versions, compared, register)
