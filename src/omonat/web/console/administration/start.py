"""The guide of the first run: ends with a working installation; every step shows what is really so."""

from typing import Any

from litestar import Response, get, post

from omonat.kernel.codec import to_builtins
from omonat.kernel.errors import InvalidInput, OmonatError
from omonat.kernel.secret import Sealed
from omonat.policy import Policy
from omonat.web.console.administration.pages import field, page, said
from omonat.web.console.administration.words import FIRST_STEPS
from omonat.web.console.gate import SIGNED_IN
from omonat.web.console.pages import moved
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted
from omonat.web.limits import STAFF, limited
from omonat.web.pages import told
from omonat.web.visit import AnyRequest

ADMINISTER, PUBLISH = "staff.administer", "policy.publish"


@get("/start", right=SIGNED_IN, sync_to_thread=True)
def start(request: AnyRequest) -> Response[Any]:
    """What is done and what is left."""
    return _page(console_visit(request), {}, {}, "")


def _page(visit: ConsoleVisit, typed: dict[str, str], problems: dict[str, str], failed: str) -> Response[Any]:
    steps = visit.omonat.first_run.steps()
    names = {name: said(visit, FIRST_STEPS[name]) for name in FIRST_STEPS}
    email = field(visit, "email", "Your own e-mail", value=typed.get("email", ""), problem=problems.get("email", ""),
                  kind="email", hint="A letter without any content goes there; the address is not kept.")  # fmt: skip
    version = visit.omonat.policies.find_in_force()
    return page(
        visit, "start", title="First steps", status=422 if problems or failed else 200, steps=steps, step_names=names,
        left=sum(not step.done for step in steps), version=version, email=(email,), failed=failed,
        defaults=_defaults(version.facts) if version else (), can_mail=visit.may(ADMINISTER),
        can_confirm=visit.may(PUBLISH),
    )  # fmt: skip


def _defaults(policy: Policy) -> list[tuple[str, str]]:
    """The places that the operator still has to confirm, with what stands there."""
    facts = to_builtins(policy)
    return [(place, _value(facts, place)) for place in policy.confirm]


_PLURAL = {"category": "categories", "purpose": "purposes", "form": "forms", "recipient": "recipients"}


def _value(facts: Any, place: str) -> str:
    found = facts
    for part in place.removeprefix("policy.").split("."):
        if not isinstance(found, dict):
            return ""
        found = found.get(part, found.get(_PLURAL.get(part, "")))
    return _short(found)


def _short(value: Any) -> str:
    """Words as they are; of something larger its label or its words."""
    match value:
        case None:
            return ""
        case dict() if "labels" in value:
            return str(value["labels"].get("en", ""))
        case dict():
            return ", ".join(f"{name}: {_short(part)}" for name, part in value.items() if part not in (None, "", {}))
        case list():
            return ", ".join(_short(part) for part in value)
        case _:
            return str(value)


@post("/start/operator", right=PUBLISH, sync_to_thread=True)
def confirm_operator(request: AnyRequest, posted: Posted) -> Response[Any]:
    """The details and defaults of the version in force were read and are right."""
    visit = console_visit(request, posted)
    visit.omonat.first_run.confirm(visit.account, "operator", visit.now)
    return moved(visit, "/start", done="confirmed")


@post("/start/mail", right=ADMINISTER, guards=[limited(STAFF)], sync_to_thread=True)
def test_mail(request: AnyRequest, posted: Posted) -> Response[Any]:
    """A real letter to one's own address."""
    visit = console_visit(request, posted)
    email = posted.get("email", "").strip()
    try:
        if "@" not in email or any(sign.isspace() for sign in email):
            raise InvalidInput({"email": "This is not an e-mail address."})
        visit.omonat.post.send_test(Sealed(email), visit.language)
    except InvalidInput as error:
        return _page(visit, posted, error.problems, "")
    except OmonatError as error:
        return _page(visit, posted, {}, " ".join(told(visit.language, error)))
    return moved(visit, "/start", done="mailed")


@post("/start/mail/arrived", right=ADMINISTER, sync_to_thread=True)
def mail_arrived(request: AnyRequest, posted: Posted) -> Response[Any]:
    """It lies in the mailbox."""
    visit = console_visit(request, posted)
    visit.omonat.first_run.confirm(visit.account, "mail", visit.now)
    return moved(visit, "/start", done="confirmed")


HANDLERS = (start, confirm_operator, test_mail, mail_arrived)
