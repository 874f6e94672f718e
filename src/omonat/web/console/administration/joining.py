"""Coming in: the link of an invitation, and the undertaking that is accepted before anything else (clause 6.2).

The link works without a script, so its token is in the path: such a page sends no referrer, is kept nowhere, its path
is written to no log (lines hold route templates), and the token is spent by a POST.
"""

from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.errors import InvalidInput, OmonatError
from omonat.kernel.language import translate
from omonat.kernel.secret import Sealed
from omonat.staff import Invitation, LinkSpent, StaffAccount
from omonat.staff.undertakings import text as undertaking_text
from omonat.web.console.administration.pages import error_text, page
from omonat.web.console.gate import SIGNED_IN, STRANGER
from omonat.web.console.pages import moved
from omonat.web.console.signing.entering import back_to, device_of, entered, way_back
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted
from omonat.web.limits import STAFF, limited
from omonat.web.visit import AnyRequest

NO_REFERRER = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def link_spent(request: AnyRequest, _error: OmonatError) -> Response[Any]:
    """A link that works no longer, told with what to do."""
    visit = console_visit(request)
    answer = page(visit, "link_spent", title="This link is not valid any more", status=410)
    answer.headers.update(NO_REFERRER)
    return answer


@get(
    "/invitation/{token:str}",
    right=STRANGER,
    guards=[limited(STAFF)],
    sync_to_thread=True,
    exception_handlers={LinkSpent: link_spent},
)
def invitation_page(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Choose a password. Nothing is spent by looking."""
    visit = console_visit(request)
    invitation, account = visit.omonat.members.find(Sealed(token), visit.now)
    return _invitation_page(visit, invitation, account, "", status=200)


def _invitation_page(
    visit: ConsoleVisit, invitation: Invitation, account: StaffAccount, problem: str, *, status: int
) -> Response[Any]:
    fields = (
        FieldView(
            "new_password", translate(visit.language, "console_administration", "Password"), "new_password", True, 200,
            problem=problem, hint=translate(visit.language, "console_administration", PASSWORD_HINT),
        ),
    )  # fmt: skip
    answer = page(
        visit, "invitation", title="Your access to the console", status=status, invitation=invitation,
        account=account, fields=fields, path=visit.path,
    )  # fmt: skip
    answer.headers.update(NO_REFERRER)
    return answer


PASSWORD_HINT = "At least 12 signs: a few words that only you put together are good."  # noqa: S105 - a text


@post(
    "/invitation/{token:str}",
    right=STRANGER,
    guards=[limited(STAFF)],
    sync_to_thread=True,
    exception_handlers={LinkSpent: link_spent},
)
def accept_invitation(request: AnyRequest, token: FromPath[str], posted: Posted) -> Response[Any]:
    """The password counts, the link is spent, the account is active: one unit. Then the second factor."""
    visit = ConsoleVisit(request, console_visit(request).language)  # a session of somebody else here is not asked
    members, secrets = visit.omonat.members, visit.omonat.staff_secrets
    invitation, account = members.find(Sealed(token), visit.now)
    try:
        kept = secrets.checked_password(account.name, Sealed(posted.get("new_password", "")))
    except InvalidInput as error:
        problem = error_text(visit, error.problems["password"])
        return _invitation_page(visit, invitation, account, problem, status=422)
    device = device_of(visit)
    joined = members.spend(
        Sealed(token), visit.now,
        lambda tx, who: secrets.keep_password(tx, who.staff_id, kept, visit.now, device=device),
    )  # fmt: skip
    opened = visit.omonat.staff_sign_in.enter(joined, how="password", device=device, now=visit.now)
    answer = entered(visit, opened)
    answer.headers.update(NO_REFERRER)
    return answer


# --- the undertaking ------------------------------------------------------------------------------------------------


@get("/undertaking", right=SIGNED_IN, before_undertaking=True, sync_to_thread=True)
def undertaking_page(request: AnyRequest) -> Response[Any]:
    """The text in force; to accept, or accepted already."""
    visit = console_visit(request)
    return page(
        visit, "undertaking", title="Confidentiality undertaking", to=way_back(visit),
        text=read_undertaking(undertaking_text(visit.language)),
        accepted=visit.omonat.undertakings.has_accepted(visit.account.staff_id),
    )  # fmt: skip


@post("/undertaking", right=SIGNED_IN, before_undertaking=True, sync_to_thread=True)
def accept_undertaking(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Accepted in person; then to the page that was wanted."""
    visit = console_visit(request, posted)
    visit.omonat.undertakings.accept(visit.account, visit.language, visit.now)
    to = way_back(visit, posted)
    return back_to(visit, to) if to else moved(visit, "")


class Part(NamedTuple):
    """A paragraph, or the lines of a list."""

    text: str
    lines: tuple[str, ...] = ()


def read_undertaking(text: str) -> tuple[Part, ...]:
    """Paragraphs and lists of the text, without its title."""
    blocks = [block for block in text.strip().split("\n\n") if not block.startswith("# ")]
    return tuple(
        Part("", tuple(line.removeprefix("- ") for line in block.splitlines()))
        if block.startswith("- ")
        else Part(block)
        for block in blocks
    )


HANDLERS = (
    invitation_page, accept_invitation, undertaking_page, accept_undertaking,
)  # fmt: skip
