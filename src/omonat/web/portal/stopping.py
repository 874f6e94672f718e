"""Objecting to a purpose, suspending everything and allowing it again (clause 7.1 b; Art. 30)."""

from typing import Any

from litestar import Response, get, post

from omonat.web.forms import Posted
from omonat.web.portal.overview import groups, is_suspended
from omonat.web.portal.pages import moved, page
from omonat.web.portal.person import open_person
from omonat.web.problems import BadRequest
from omonat.web.visit import AnyRequest


@get("/stop", sync_to_thread=True)
def stop_page(request: AnyRequest) -> Response[Any]:
    """What can be stopped, purpose by purpose or as a whole, and what goes on nevertheless."""
    visit = open_person(request)
    file = visit.omonat.rights.person_file(visit.subject_id, visit.now)
    return page(
        visit,
        "stop",
        title="Stop the use of my data",
        signed_in=True,
        groups=groups(visit.policy, file.values),
        objected={purpose for kind, purpose, _since in file.restrictions if kind == "objected"},
        suspended=is_suspended(file),
    )


@post("/stop/object", sync_to_thread=True)
def object_to(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Object to one purpose."""
    visit = open_person(request, posted)
    purpose = posted.get("purpose", "")
    if purpose not in visit.policy.purposes:
        raise BadRequest
    visit.omonat.rights.object(visit.subject_id, purpose, visit.now)
    return moved(visit, "/my?done=objected")


@post("/stop/object/lift", sync_to_thread=True)
def lift_objection(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Take an objection back."""
    visit = open_person(request, posted)
    visit.omonat.rights.lift_objection(visit.subject_id, posted.get("purpose", ""), visit.now)
    return moved(visit, "/my?done=allowed")


@post("/stop/suspend", sync_to_thread=True)
def suspend(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Suspend all processing for a time."""
    visit = open_person(request, posted)
    visit.omonat.rights.suspend(visit.subject_id, visit.now)
    return moved(visit, "/my?done=suspended")


@post("/stop/lift", sync_to_thread=True)
def lift(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Allow processing again."""
    visit = open_person(request, posted)
    visit.omonat.rights.lift_suspension(visit.subject_id, visit.now)
    return moved(visit, "/my?done=lifted")
