"""How a call is served: key, quota, origin, right; body, idempotency, precondition; the answer with its ETag.

Runs in a worker thread: it asks the database. Every way out, errors too, carries the quota and the CORS headers.
"""

import base64
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException

from omonat.access import ApiKey, Claim
from omonat.access.answers import Kept
from omonat.kernel.codec import from_builtins, from_json, length_prefixed, to_json
from omonat.kernel.errors import InvalidInput, NotFound, OmonatError
from omonat.kernel.ids import to_id
from omonat.kernel.secret import Sealed
from omonat.staff import require
from omonat.web.addresses import client_address
from omonat.web.api.call import Call
from omonat.web.api.operations import STRANGER, Operation, by_function
from omonat.web.api.quota import Quotas
from omonat.web.api.refusals import (
    ChangedMeanwhile,
    KeyNeeded,
    OriginNotAllowed,
    PreconditionRequired,
    UnsupportedMediaType,
)
from omonat.web.limits import Rule
from omonat.web.problems import BadRequest, answer_error
from omonat.web.visit import AnyRequest, omonat_of

WRONG_KEYS = Rule("wrong keys", 60, 60.0)
EXPOSED = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After, Idempotency-Replayed"
_IDEMPOTENCY = re.compile(r"[\x21-\x7e]{1,200}")
_WORD = re.compile(r"[A-Za-z0-9._-]{1,60}")
_PLACE = re.compile(r"`\$\.?([^`]*)`")
_MISSING = re.compile(r"missing required field `([^`]{1,60})`")

MISSING = "This is missing."
UNKNOWN = "There is no such field."
WRONG_FORM = "This does not have the form that the API describes."
BAD_KEY = "An idempotency key has 1 to 200 visible ASCII characters."


class Answer(NamedTuple):
    """What goes out: the JSON text, its status, its ETag where it has one."""

    status: int
    body: bytes
    etag: str = ""
    replayed: bool = False


def serve(operation: Operation, request: AnyRequest, body: bytes) -> Response[Any]:
    """The answer to one call."""
    headers: dict[str, str] = {}
    try:
        call = _open_call(operation, request, headers)
        answer = _carried_out(operation, call, body)
        response = _response(request, operation, call, answer)
    except (OmonatError, HTTPException) as error:
        response = answer_error(request, error)
        if isinstance(error, KeyNeeded):
            response.headers["WWW-Authenticate"] = 'Bearer realm="omonat"'
    except Exception as error:  # the boundary: told nothing about, written down without its text
        response = answer_error(request, error)
    response.headers.update(headers)
    return response


# --- who calls ------------------------------------------------------------------------------------------------------


def _open_call(operation: Operation, request: AnyRequest, headers: dict[str, str]) -> Call:
    """Raises KeyNeeded, OriginNotAllowed, TooManyRequests, NotAllowed. Fills in the headers of every way out."""
    omonat = omonat_of(request)
    now = omonat.clock.now()
    key = _key_of(request)
    origin = request.headers.get("origin")
    headers["Vary"] = "Origin, Authorization, Accept-Language"
    if origin is not None:
        if origin not in key.origins:
            raise OriginNotAllowed
        headers |= {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED}
    left = quotas_of(request).take(key.key_id)
    headers |= left.headers()
    Quotas.refuse(left)
    if operation.right != STRANGER:
        require(key, operation.right)
    return Call(request, key, operation.id, now)


def _key_of(request: AnyRequest) -> ApiKey:
    """The key of the call. Raises KeyNeeded; TooManyRequests for an address that tries many."""
    omonat = omonat_of(request)
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    found = omonat.api_keys.find(Sealed(secret.strip()), omonat.clock.now()) if scheme.lower() == "bearer" else None
    if found is None:
        address = client_address(request, omonat.settings.trusted_proxies)
        request.app.state.limits.check(address, WRONG_KEYS)
        raise KeyNeeded
    return found


def quotas_of(request: AnyRequest) -> Quotas:
    """The counts of this node."""
    state = request.app.state
    if "quotas" not in state:
        state.quotas = Quotas(omonat_of(request).settings.api_calls_per_minute)
    found: Quotas = state.quotas
    return found


# --- what arrives ---------------------------------------------------------------------------------------------------


def _arguments(operation: Operation, call: Call, body: bytes) -> dict[str, Any]:
    """What the function is called with. Raises InvalidInput, BadRequest, NotFound."""
    given = _places(operation, call)
    if operation.query is not None:
        given["query"] = _read_query(call, operation.query)
    if operation.sent is not None:
        if call.request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise UnsupportedMediaType
        given["sent"] = read_body(body, operation.sent)
    return given


def _places(operation: Operation, call: Call) -> dict[str, Any]:
    """The parts of the path: ids as UUIDs, everything else as a word. What is neither is nothing that there is."""
    found: dict[str, Any] = {}
    for name in operation.places:
        text = str(call.request.path_params[name])
        if name.endswith("_id"):
            found[name] = to_id(text)
        elif _WORD.fullmatch(text):
            found[name] = text
        else:
            raise NotFound
    return found


def _read_query(call: Call, shape: type) -> Any:
    """Each parameter once, none that is not described: a misspelt filter would show too much."""
    given = call.request.query_params
    names = {field.name for field in msgspec.structs.fields(shape)}
    problems = {name if _WORD.fullmatch(name) else "$": UNKNOWN for name in given if name not in names}
    problems |= {name: WRONG_FORM for name in given if name in names and len(given.getall(name)) > 1}
    if problems:
        raise InvalidInput(problems)
    try:
        read: Any = from_builtins(dict(given.items()), shape, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    nulls = {name: WRONG_FORM for name in given if getattr(read, name) is None}  # there is no null in a query
    if nulls:
        raise InvalidInput(nulls)
    return read


def read_body(body: bytes, shape: type) -> Any:
    """A JSON body as its struct. Raises BadRequest, InvalidInput."""
    try:
        return from_json(body, shape)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest from error


def _invalid(error: msgspec.ValidationError) -> InvalidInput:
    """Where it is wrong and how, in words of ours: the library's own may repeat what was sent (clause 6.1)."""
    said = str(error)
    missing, place = _MISSING.search(said), _PLACE.findall(said)
    where = place[-1].strip(".") if place else ""
    if missing:
        return InvalidInput({".".join(filter(None, (where, missing[1]))): MISSING})
    if "unknown field" in said:
        return InvalidInput({where or "$": UNKNOWN})
    return InvalidInput({where or "$": WRONG_FORM})


# --- carrying out ---------------------------------------------------------------------------------------------------


def _carried_out(operation: Operation, call: Call, body: bytes) -> Answer:
    given = _arguments(operation, call, body)
    name = _idempotency_key(operation, call)
    if not name:
        return _conditional(operation, call, given)
    call.idempotency = name
    digest = sha256(length_prefixed(operation.id.encode(), call.request.url.path.encode(), body)).digest()
    return once(operation, call, digest, lambda: _conditional(operation, call, given))


def once(operation: Operation, call: Call, digest: bytes, act: Any) -> Answer:
    """Carry out under the idempotency key of the call, or give the answer of before."""
    answers = call.omonat.answers
    claim = answers.claim(call.key.key_id, call.idempotency, digest, call.now, exact=operation.exact)
    if isinstance(claim, Kept):
        return Answer(claim.status, claim.body or b"", claim.etag, replayed=True)
    return _kept(operation, call, claim, act)


def _kept(operation: Operation, call: Call, claim: Claim, act: Any) -> Answer:
    """A refusal did nothing, so the key is free again; what fails unexpectedly leaves it in doubt."""
    try:
        answer: Answer = act()
    except OmonatError:
        call.omonat.answers.let_go(claim)
        raise
    body = None if operation.once else answer.body
    call.omonat.answers.keep(claim, Kept(answer.status, body, answer.etag))
    return answer


def _idempotency_key(operation: Operation, call: Call) -> str:
    name = call.request.headers.get("idempotency-key")
    if not operation.writes or name is None:
        return ""
    if not _IDEMPOTENCY.fullmatch(name):
        raise InvalidInput({"Idempotency-Key": BAD_KEY})
    return str(name)


def _conditional(operation: Operation, call: Call, given: Mapping[str, Any]) -> Answer:
    """The act, where its thing is still in the state that the caller saw."""
    if operation.if_match is None:
        return _run(operation, call, given)
    wanted = call.request.headers.get("if-match")
    if wanted is None:
        raise PreconditionRequired
    reading = by_function(operation.if_match)
    places = {name: given[name] for name in reading.places}
    with call.omonat.answers.locked(f"{reading.id}:{places}", call.now):
        current = _run(reading, call, places)
        if not _matches(wanted, current.etag):
            raise ChangedMeanwhile
        return _run(operation, call, given)


def _run(operation: Operation, call: Call, given: Mapping[str, Any]) -> Answer:
    made = operation.function(call, **given)
    if operation.answer is None:
        return Answer(204, b"")
    body = to_json(made)
    has_etag = operation.method == "GET" or operation.if_match is not None
    return Answer(operation.status, body, _etag(body) if has_etag else "")


def _etag(body: bytes) -> str:
    return f'"{base64.urlsafe_b64encode(sha256(body).digest()[:18]).decode()}"'


def _matches(wanted: str, etag: str) -> bool:
    """Strong comparison (RFC 9110, 13.1.1)."""
    return wanted.strip() == "*" or etag in [each.strip() for each in wanted.split(",")]


# --- what goes out --------------------------------------------------------------------------------------------------


def _response(request: AnyRequest, operation: Operation, call: Call, answer: Answer) -> Response[Any]:
    headers = {"Cache-Control": "private, no-cache" if operation.method == "GET" else "no-store", **call.headers}
    if answer.etag:
        headers["ETag"] = answer.etag
    if answer.replayed:
        headers["Idempotency-Replayed"] = "true"
    seen = request.headers.get("if-none-match", "")
    if operation.method == "GET" and seen and answer.etag in seen.replace("W/", ""):
        return Response(b"", status_code=304, headers=headers, media_type="application/json")
    if answer.status == 204:
        return Response(None, status_code=204, headers=headers)
    return Response(answer.body, status_code=answer.status, headers=headers, media_type="application/json")
