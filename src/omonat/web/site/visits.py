"""What only the browser knows of a visit: that somebody has begun to fill in a form (clause 8.1).

The page asks its browser to say so only where its person agreed; whoever says it unasked is not counted.
"""

from typing import Any

from litestar import Response, post

from omonat.web.forms import Posted
from omonat.web.limits import VISITS, limited
from omonat.web.problems import BadRequest
from omonat.web.site.counting import count
from omonat.web.visit import AnyRequest, open_visit


@post("/{language:str}/visits", guards=[limited(VISITS)], sync_to_thread=True)
def form_started(request: AnyRequest, posted: Posted) -> Response[Any]:
    """`form=NAME` was begun. The answer is always empty, whether or not it was counted. Raises BadRequest."""
    visit = open_visit(request)
    form = posted.get("form", "")
    if form not in visit.policy.forms:
        raise BadRequest
    answer: Response[Any] = Response(None, status_code=204, headers={"Cache-Control": "no-store"})
    count(visit, answer, "started", form=form)
    return answer
