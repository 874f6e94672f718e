"""“I do not agree”: stop, take everything back, leave nothing behind (clause 1.3)."""

from typing import TYPE_CHECKING, Any

from litestar import Response, get, post
from litestar.response import Redirect

from omonat.kernel.language import translate
from omonat.web import cookies
from omonat.web.forms import Posted
from omonat.web.limits import CHOICES, limited
from omonat.web.pages import render
from omonat.web.visit import AnyRequest, open_visit

if TYPE_CHECKING:
    from omonat.intake import Disagreed


@get("/{language:str}/disagree", sync_to_thread=True)
def disagree_page(request: AnyRequest) -> Response[Any]:
    """What happens when one does not agree, and the button."""
    visit = open_visit(request)
    title = translate(visit.language, "site", "I do not agree")
    return render(visit, "site/disagree.html", title=title, has_sent=cookies.SUBMISSION in request.cookies)


@post("/{language:str}/disagree", guards=[limited(CHOICES)], sync_to_thread=True)
def disagree(request: AnyRequest, posted: Posted) -> Redirect:
    """End the session, withdraw the choice, erase what this browser sent if that is wanted, clear all by name."""
    visit = open_visit(request)
    omonat, now = visit.omonat, visit.omonat.clock.now()
    sent, session = request.cookies.get(cookies.SUBMISSION), request.cookies.get(cookies.SESSION)
    done = omonat.intake.disagree(sent, visit.choice, erase=posted.get("erase") == "on", now=now)
    if session:
        omonat.sign_in.end(session)
    answer = Redirect(visit.url(f"/disagree/done?outcome={_outcome(done)}"), status_code=303)
    cookies.remove(answer, *cookies.ours(request, visit.policy.cookies))
    # Of this origin only. Cookies go by name: their directive would reach the company's other hosts.
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


@get("/{language:str}/disagree/done", sync_to_thread=True)
def disagree_done(request: AnyRequest) -> Response[Any]:
    """What was done. It asks nothing and stores nothing."""
    visit = open_visit(request)
    title = translate(visit.language, "site", "Done: nothing of this site is left in your browser")
    outcome = request.query_params.get("outcome", "")
    return render(visit, "site/disagree_done.html", title=title, outcome=outcome, banner=None)


def _outcome(done: "Disagreed") -> str:
    if done.kept:
        return "kept"
    return "erased" if done.certificate is not None else "cleared"
