"""`/ledger/`: the signed head, the tiles and the proofs, for everybody (C2SP tlog-tiles). Hashes only, no cookie.

Anybody may copy and check it, from other sites' pages, too: it says nothing about anyone.
"""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.exceptions import HTTPException

from omonat.kernel.codec import to_json
from omonat.kernel.errors import InvalidInput, OmonatError
from omonat.ledger import OutsideTree, Published
from omonat.web.limits import Rule, limited
from omonat.web.problems import answer_error
from omonat.web.visit import AnyRequest, omonat_of

PROOFS = Rule("proofs", 600, 60.0)
ROOT = "/ledger/"
_NOT_A_NUMBER = "This asks for a whole number, from 0 on."
_OUTSIDE = "This is outside the signed tree."
_LARGEST_DIGITS = 19
_FOR_EVER = "public, max-age=31536000, immutable"
_TEXT = "text/plain"


def _public(content: bytes, media_type: str, kept: str) -> Response[Any]:
    headers = {"Cache-Control": kept, "Access-Control-Allow-Origin": "*"}
    return Response(content, media_type=media_type, headers=headers)


def _published(request: AnyRequest) -> Published:
    omonat = omonat_of(request)
    return Published(omonat.settings.ledger, omonat.verifier_key())


@get("/checkpoint", sync_to_thread=True)
def checkpoint(request: AnyRequest) -> Response[Any]:
    """The newest signed head, with the cosignatures that it has."""
    return _public(_published(request).checkpoint(), _TEXT, "no-store")


@get("/witnessed", sync_to_thread=True)
def witnessed(request: AnyRequest) -> Response[Any]:
    """The newest head that a witness cosigned."""
    return _public(_published(request).witnessed(), _TEXT, "no-store")


@get("/vkey", sync_to_thread=True)
def vkey(request: AnyRequest) -> Response[Any]:
    """The public key, as C2SP signed-note writes it. Get it once, and from more than one place."""
    return _public(f"{omonat_of(request).verifier_key().text()}\n".encode(), _TEXT, "no-store")


@get("/tile/{rest:path}", sync_to_thread=True)
def tile(request: AnyRequest) -> Response[Any]:
    """A tile or entry bundle. Raises NotFound for what is not signed yet, and for any path that is not one of ours."""
    path = request.scope["raw_path"].decode("ascii", "replace")  # as it was sent: our paths need no encoding
    data = _published(request).tile(path.removeprefix(ROOT))
    return _public(data, "application/octet-stream", _FOR_EVER)


@get("/proof/inclusion", sync_to_thread=True, guards=[limited(PROOFS)])
def inclusion(request: AnyRequest) -> Response[Any]:
    """That an entry is in the tree: `?position=`, and `&size=` for a smaller tree than the newest."""
    return _proof(request, "position", "size")


@get("/proof/consistency", sync_to_thread=True, guards=[limited(PROOFS)])
def consistency(request: AnyRequest) -> Response[Any]:
    """That a tree grew out of an older one: `?old=`, and `&new=` for a smaller tree than the newest."""
    return _proof(request, "old", "new")


def _proof(request: AnyRequest, first: str, second: str) -> Response[Any]:
    at, end = _number(request, first), _number(request, second) if second in request.query_params else None
    published = _published(request)
    made: object
    try:
        made = published.inclusion(at, end) if first == "position" else published.consistency(at, end)
    except OutsideTree as error:
        raise InvalidInput({name: _OUTSIDE for name in error.names}) from None
    return _public(to_json(made), "application/json", "no-store")


def _number(request: AnyRequest, name: str) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= _LARGEST_DIGITS):
        raise InvalidInput({name: _NOT_A_NUMBER})
    return int(text)


def _answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Errors can be read from other sites' pages, too."""
    answer = answer_error(request, error)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


LEDGER = Router(
    path="/ledger",
    route_handlers=[checkpoint, consistency, inclusion, tile, vkey, witnessed],
    exception_handlers={OmonatError: _answer, HTTPException: _answer, Exception: _answer},
)
