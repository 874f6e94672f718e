"""Documents of contracts: in as one file of a form, out as a file that no browser opens by itself."""

from typing import Any
from urllib.parse import quote

from litestar import Response, post
from litestar.di import Provide
from litestar.params import FromPath

from omonat.contracts import MOST_BYTES, PURPOSE, WrongFile
from omonat.kernel.errors import Denied
from omonat.kernel.ids import to_id
from omonat.people import NotOpened
from omonat.web.console.pages import NO_STORE, moved
from omonat.web.console.people.contracts import show
from omonat.web.console.visit import console_visit
from omonat.web.forms import Posted
from omonat.web.uploads import Uploaded, uploaded
from omonat.web.visit import AnyRequest

_FORM_BYTES = MOST_BYTES + 64 * 1024
ContractPath = FromPath[str]


@post(
    "/contracts/{contract_id:str}/documents", right="contract.manage", sync_to_thread=True,
    request_max_body_size=_FORM_BYTES, dependencies={"uploaded": Provide(uploaded)},
)  # fmt: skip
def add_document(request: AnyRequest, contract_id: ContractPath, uploaded: Uploaded) -> Response[Any]:
    """Keep a file with the contract, sealed; what it is is told by its bytes."""
    visit, which = console_visit(request, uploaded.fields), to_id(contract_id)
    name, content = next(((uploaded.names[field], content) for field, content in uploaded.files.items()), ("", b""))
    try:
        visit.omonat.contracts.add_document(visit.account, which, name, content, visit.now)
    except (WrongFile, Denied) as error:
        return show(visit, which, error)
    return moved(visit, f"/contracts/{which}", done="added")


@post("/contracts/{contract_id:str}/document", right="contract.read", sync_to_thread=True)
def document(request: AnyRequest, contract_id: ContractPath, posted: Posted) -> Response[Any]:
    """A document to look at, for whoever has the person's card open for that purpose; the reading is journalled."""
    visit, which = console_visit(request, posted), to_id(contract_id)
    held = visit.omonat.contracts.get(which)
    try:
        opening = visit.omonat.people.opening(visit.account, held.subject_id, visit.now)
    except NotOpened as error:
        return show(visit, which, error)
    if opening.purpose != PURPOSE:
        return show(visit, which, NotOpened())
    out = visit.omonat.contracts.document(
        visit.account, which, to_id(posted.get("record", "")), reason="document", now=visit.now
    )
    headers = {
        **NO_STORE,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(out.name.reveal())}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(out.content, media_type=out.media, headers=headers)


HANDLERS = (add_document, document)
