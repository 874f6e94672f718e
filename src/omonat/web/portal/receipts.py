"""Receipts to take along: of every consent and disclosure, and certificates of destruction, each with its proof."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from msgspec import MsgspecError

from omonat.crypto import sign_field, verify_field
from omonat.kernel.clock import local_date
from omonat.kernel.codec import from_json, to_json
from omonat.kernel.ids import SubjectId, to_id
from omonat.receipts import KINDS, Form, Kind, Wanted, receipt_pdf
from omonat.web.forms import Posted
from omonat.web.limits import FORMS, limited
from omonat.web.portal.pages import download, moved, page, said
from omonat.web.portal.person import PortalVisit, open_person, portal_visit
from omonat.web.problems import BadRequest
from omonat.web.visit import AnyRequest

_FORMS: dict[str, Form] = {"receipt": "iso27560", "receipt-pdf": "iso27560", "receipt-kantara": "kantara"}
FILES = tuple(_FORMS)
_USE = "portal receipt"


@get("/receipts", sync_to_thread=True)
def receipts_page(request: AnyRequest) -> Response[Any]:
    """Everything of mine that there is a receipt for."""
    visit = open_person(request)
    lines = visit.omonat.receipts.lines(visit.subject_id)
    by_kind = {kind: [line for line in lines if line.kind == kind] for kind in KINDS}
    key = visit.omonat.verifier_key().text()
    mailed = (
        said(visit, "The receipt is on its way to your confirmed e-mail address.")
        if visit.request.query_params.get("done") == "mailed"
        else ""
    )
    return page(
        visit, "receipts", title="My receipts", signed_in=True, receipts=by_kind, key=key, done=mailed,
        has_address=visit.omonat.receipt_letters.has_address(visit.subject_id),
    )  # fmt: skip


@get(["/receipts/file", "/receipts/mail"], sync_to_thread=False)
def only_a_receipt_button(request: AnyRequest) -> Response[Any]:
    """What a button does is no page."""
    return moved(portal_visit(request), "/my/receipts")


@post("/receipts/file", sync_to_thread=True)
def receipt_file(request: AnyRequest, posted: Posted) -> Response[Any]:
    """One receipt as a file; another person's number is simply not there."""
    visit = open_person(request, posted)
    wanted = posted.get("format", "")
    if wanted not in FILES:
        raise BadRequest
    receipt = Wanted(
        kind=_kind(posted), subject_id=visit.subject_id, id=to_id(posted.get("id", "")), form=_FORMS[wanted]
    )
    return _file(visit, receipt, wanted)


@post("/receipts/mail", guards=[limited(FORMS)], sync_to_thread=True)
def mail_receipt(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Have one receipt mailed to the own proven address."""
    visit = open_person(request, posted)
    visit.omonat.receipt_letters.ask(
        visit.subject_id, _kind(posted), to_id(posted.get("id", "")), language=visit.language, now=visit.now
    )
    return moved(visit, "/my/receipts?done=mailed")


def _kind(posted: dict[str, str]) -> Kind:
    kind = next((known for known in KINDS if known == posted.get("kind")), None)
    if kind is None:
        raise BadRequest
    return kind


def _file(visit: PortalVisit, receipt: Wanted, wanted: str) -> Response[Any]:
    """The name says what it is, of which day, and whether its proof is missing."""
    made = visit.omonat.receipts.make(receipt, visit.now)
    day = local_date(visit.now).isoformat()
    name = f"{wanted.removesuffix('-pdf')}-{receipt.kind}-{day}{'' if made.proven else '-without-proof'}"
    if wanted == "receipt-pdf":
        return download(receipt_pdf(made, visit.names), name=f"{name}.pdf", media_type="application/pdf")
    return download(made.content, name=f"{name}.json", media_type="application/json")


# --- after a deletion there is no session: the page carries the number of the certificate, signed --------------------


def signed_receipt(visit: PortalVisit, subject_id: SubjectId, number: str) -> str:
    """What the page after a deletion sends back to get the receipt of its certificate."""
    return sign_field(visit.omonat.keystore.secret("field"), _USE, to_json((str(subject_id), number)))


def certificate_receipt(visit: PortalVisit, sent: str, wanted: str) -> Response[Any]:
    """The certificate with its proof, for whoever holds the page. Raises BadRequest for what we did not sign."""
    value = verify_field(visit.omonat.keystore.secret("field"), _USE, sent)
    if value is None or wanted == "receipt-kantara":
        raise BadRequest
    try:
        subject_id, number = from_json(value, tuple[UUID, UUID])
    except MsgspecError as error:
        raise BadRequest from error
    return _file(visit, Wanted(kind="destruction", subject_id=SubjectId(subject_id), id=number), wanted)
