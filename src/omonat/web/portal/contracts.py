"""The papers of a contract for the person whose contract it is (clauses 3.1, 7.1 a)."""

from pathlib import PurePath
from typing import Any

from litestar import Response, post

from omonat.kernel.clock import local_date
from omonat.kernel.ids import to_id
from omonat.web.forms import Posted
from omonat.web.limits import FORMS, limited
from omonat.web.portal.pages import download
from omonat.web.portal.person import open_person
from omonat.web.visit import AnyRequest


@post("/contracts/document", guards=[limited(FORMS)], sync_to_thread=True)
def contract_document(request: AnyRequest, posted: Posted) -> Response[Any]:
    """A paper of a contract of mine; the download is journalled. Another's number is not there."""
    visit = open_person(request, posted)
    out = visit.omonat.contracts.own_document(visit.subject_id, to_id(posted.get("record", "")), visit.now)
    ending = PurePath(out.name.reveal()).suffix  # the name itself may say whose it is
    return download(out.content, name=f"contract-{local_date(visit.now).isoformat()}{ending}", media_type=out.media)
