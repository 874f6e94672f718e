"""Deleting everything: what will happen, the demand, what was done, and the certificate to take along (clause 7.1 b).

After the deletion there is no session any more, so the page carries the certificate itself, signed, and sends it back
when the person wants it as a file.
"""

from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Response, get, post

from omonat.crypto import sign_field, verify_field
from omonat.documents import certificate_json, certificate_pdf, certificate_state
from omonat.kernel.clock import local_date
from omonat.kernel.codec import from_json, to_json
from omonat.vault import Certificate
from omonat.web.forms import Posted
from omonat.web.limits import CHOICES, limited
from omonat.web.portal.overview import groups
from omonat.web.portal.pages import download, page
from omonat.web.portal.person import PortalVisit, open_person, portal_visit
from omonat.web.portal.receipts import FILES, certificate_receipt, signed_receipt
from omonat.web.portal.signing import forget
from omonat.web.problems import BadRequest
from omonat.web.visit import AnyRequest

if TYPE_CHECKING:
    from omonat.rights import HoldLine, PersonFile

_USE = "portal certificate"
_FORMS = {"json": (certificate_json, "application/json"), "pdf": (certificate_pdf, "application/pdf")}


@get("/delete", sync_to_thread=True)
def delete_page(request: AnyRequest) -> Response[Any]:
    """What a deletion does, and what a law keeps; nothing is done yet."""
    visit = open_person(request)
    return _delete_page(visit, unticked=False)


def _delete_page(visit: PortalVisit, *, unticked: bool) -> Response[Any]:
    file = visit.omonat.rights.person_file(visit.subject_id, visit.now)
    return page(
        visit,
        "delete",
        title="Delete my data",
        status=422 if unticked else 200,
        signed_in=True,
        groups=groups(visit.policy, file.values),
        kept=standing_holds(visit, file),
        recipients=sorted({visit.names.recipient(line.recipient) for line in file.disclosures}),
        unticked=unticked,
    )


def standing_holds(visit: PortalVisit, file: "PersonFile") -> tuple["HoldLine", ...]:
    """Holds by law that still stand today."""
    today = local_date(visit.now)
    return tuple(hold for hold in file.holds if hold.until_on >= today)


@post("/delete", sync_to_thread=True)
def delete(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Destroy keys and rows, except what a law keeps; the browser is cleared and meets the site as a stranger."""
    visit = open_person(request, posted)
    if posted.get("sure") != "on":
        return _delete_page(visit, unticked=True)
    subject_id = visit.subject_id  # after the deletion there is no session to ask
    outcome = visit.omonat.rights.erase(subject_id, visit.now)
    visit.omonat.sign_in.end(visit.token)
    done = page(
        visit,
        "deleted",
        title="Your data are deleted" if not outcome.kept else "What could be deleted is deleted",
        outcome=outcome,
        state=certificate_state(outcome.certificate, visit.names) if outcome.certificate else (),
        signed=_signed(visit, outcome.certificate) if outcome.certificate else "",
        receipt=signed_receipt(visit, subject_id, outcome.certificate.number) if outcome.certificate else "",
        banner=None,
    )
    forget(visit, done)
    return done


def _signed(visit: PortalVisit, certificate: Certificate) -> str:
    return sign_field(visit.omonat.keystore.secret("field"), _USE, to_json(certificate))


@post("/certificate", guards=[limited(CHOICES)], sync_to_thread=True)
def certificate_file(request: AnyRequest, posted: Posted) -> Response[Any]:
    """The certificate that our own page sends back, as `json` or `pdf`, or as a receipt. It names nobody."""
    visit = portal_visit(request)
    wanted = posted.get("format", "")
    if wanted in FILES:
        return certificate_receipt(visit, posted.get("receipt", ""), wanted)
    value = verify_field(visit.omonat.keystore.secret("field"), _USE, posted.get("certificate", ""))
    if wanted not in _FORMS or value is None:
        raise BadRequest
    write, media_type = _FORMS[wanted]
    certificate = _read(value)
    name = f"certificate-{local_date(certificate.finished_at).isoformat()}.{wanted}"
    return download(write(certificate, visit.names), name=name, media_type=media_type)


def _read(value: bytes) -> Certificate:
    try:
        return from_json(value, Certificate)
    except msgspec.DecodeError as error:
        raise BadRequest from error
