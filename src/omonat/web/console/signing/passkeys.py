"""Passkeys of one's own account: add, rename, remove. Adding needs a script, as WebAuthn does; the rest does not."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.codec import to_json
from omonat.kernel.errors import Conflict, InvalidInput, NotFound
from omonat.kernel.ids import to_id
from omonat.kernel.secret import Sealed
from omonat.staff import CeremonyOver, LastFactor, PasskeyRefused
from omonat.staff.signing_model import Passkey
from omonat.web.console.gate import SIGNED_IN
from omonat.web.console.pages import NO_STORE, moved
from omonat.web.console.signing.account import factor_added, last_factor
from omonat.web.console.signing.entering import device_of, party_of
from omonat.web.console.signing.pages import error_text, page, said
from omonat.web.console.signing.proving import lately_proved
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted
from omonat.web.visit import AnyRequest


@get("/account/passkeys", right=SIGNED_IN, unfinished=True, guards=[lately_proved], sync_to_thread=True)
def passkey_page(request: AnyRequest) -> Response[Any]:
    """A name for the new passkey, and the button that asks the device."""
    return _passkey_page(console_visit(request), "", status=200)


def _passkey_page(visit: ConsoleVisit, problem: str, *, status: int) -> Response[Any]:
    hint = said(visit, "So that you know it again, such as: my phone, office laptop.")
    field = FieldView("name", said(visit, "Name of the passkey"), "text", False, 60, device_of(visit), "", hint)
    return page(visit, "passkey", title="Add a passkey", status=status, problem=problem, fields=(field,))


@post("/account/passkeys/options", right=SIGNED_IN, unfinished=True, guards=[lately_proved], sync_to_thread=True)
def passkey_options(request: AnyRequest, posted: Posted) -> Response[Any]:
    """What the browser is to ask a device, and the token that its answer brings back; good for one answer."""
    visit = console_visit(request, posted)
    options, token = visit.omonat.staff_secrets.begin_passkey(visit.account, party_of(visit), visit.now)
    content = to_json({"options": options, "ceremony": token.reveal()})
    return Response(content, media_type="application/json", status_code=200, headers=NO_STORE)


@post("/account/passkeys", right=SIGNED_IN, unfinished=True, guards=[lately_proved], sync_to_thread=True)
def add_passkey(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Keep the passkey that the device has made."""
    visit = console_visit(request, posted)
    try:
        visit.omonat.staff_secrets.finish_passkey(
            visit.account, Sealed(posted.get("ceremony", "")), posted.get("answer", ""), party_of(visit),
            name=posted.get("name", ""), now=visit.now, device=device_of(visit),
        )  # fmt: skip
    except (PasskeyRefused, CeremonyOver, Conflict) as error:
        problem = f"{error_text(visit, error.message)} {error_text(visit, error.what_to_do)}"
        return _passkey_page(visit, problem, status=422)
    return factor_added(visit, "passkey", "passkey")


@get("/account/passkeys/{passkey_id:str}", right=SIGNED_IN, sync_to_thread=True)
def rename_page(request: AnyRequest, passkey_id: FromPath[str]) -> Response[Any]:
    """Another name."""
    visit = console_visit(request)
    return _rename_page(visit, _mine(visit, passkey_id), "", status=200)


@post("/account/passkeys/{passkey_id:str}", right=SIGNED_IN, sync_to_thread=True)
def rename_passkey(request: AnyRequest, passkey_id: FromPath[str], posted: Posted) -> Response[Any]:
    """A name is only for the member himself."""
    visit = console_visit(request, posted)
    mine = _mine(visit, passkey_id)
    try:
        visit.omonat.staff_secrets.rename_passkey(visit.account, mine.passkey_id, posted.get("name", ""))
    except InvalidInput as error:
        return _rename_page(visit, mine, error_text(visit, error.problems["name"]), status=422)
    return moved(visit, "/account", done="passkey_renamed")


def _rename_page(visit: ConsoleVisit, mine: Passkey, problem: str, *, status: int) -> Response[Any]:
    field = FieldView("name", said(visit, "Name of the passkey"), "text", True, 60, mine.name, problem)
    return page(visit, "passkey_name", title="Rename the passkey", status=status, fields=(field,), mine=mine)


@get("/account/passkeys/{passkey_id:str}/remove", right=SIGNED_IN, guards=[lately_proved], sync_to_thread=True)
def remove_page(request: AnyRequest, passkey_id: FromPath[str]) -> Response[Any]:
    """Asks first."""
    visit = console_visit(request)
    mine = _mine(visit, passkey_id)
    path = f"/console/account/passkeys/{mine.passkey_id}/remove"
    return page(visit, "remove", title="Remove the passkey", name=mine.name, path=path)


@post("/account/passkeys/{passkey_id:str}/remove", right=SIGNED_IN, guards=[lately_proved], sync_to_thread=True)
def remove_passkey(request: AnyRequest, passkey_id: FromPath[str], posted: Posted) -> Response[Any]:
    """The last second factor stays."""
    visit = console_visit(request, posted)
    try:
        visit.omonat.staff_secrets.remove_passkey(visit.account, to_id(passkey_id), visit.now, device=device_of(visit))
    except LastFactor as error:
        return last_factor(visit, error)
    return moved(visit, "/account", done="passkey_removed")


def _mine(visit: ConsoleVisit, passkey_id: str) -> Passkey:
    """Raises NotFound for a passkey that is not the member's own."""
    wanted = to_id(passkey_id)
    found = next((key for key in visit.omonat.staff_secrets.factors(visit.account).passkeys
                  if key.passkey_id == wanted), None)  # fmt: skip
    if found is None:
        raise NotFound
    return found


HANDLERS = (
    passkey_page, passkey_options, add_passkey, rename_page, rename_passkey, remove_page, remove_passkey,
)  # fmt: skip
