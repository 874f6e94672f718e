"""The description of the API in OpenAPI 3.1, made of the registered operations and nothing else."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from omonat import __version__
from omonat.kernel.errors import OmonatError
from omonat.web.api.examples import example_of
from omonat.web.api.operations import OPERATIONS, STRANGER, Operation
from omonat.web.problems import STATUS

REF = "#/components/schemas/{name}"
_REF = "#/components/schemas/"
PROBLEM = "application/problem+json"
_ALWAYS = ("internal", "overloaded", "misconfigured", "keys_unavailable")
_WITH_KEY = ("key_needed", "not_allowed", "origin_not_allowed", "too_many_requests")
_TITLES = {
    400: "What was sent cannot be read.", 401: "No API key that works.", 403: "Not allowed.", 404: "Nothing is there.",
    409: "It cannot be done now.", 412: "It was changed after you read it.", 413: "Too large.", 415: "Not JSON.",
    422: "Something sent is not right.", 428: "If-Match is missing.", 429: "Too many calls.",
    500: "Something went wrong on our side.", 502: "Another system did not answer.", 503: "Busy, or not set up.",
}  # fmt: skip
_ABOUT = """Everything that the console of Omonat does, for programs.

Every call carries an API key (`Authorization: Bearer omk_...`) and may do what its rights name. Errors are problem
documents (RFC 9457) with a stable `code`, in the language of `Accept-Language` (uz-Latn, uz-Cyrl, ru, en). Writes take
an `Idempotency-Key`: for 24 hours a repeat gets the first answer again. Lists go on with `cursor`. What is read has an
`ETag`; where two may collide, `If-Match` is required. Every answer says how many calls are left (`RateLimit`)."""


@cache
def description() -> dict[str, Any]:
    """The whole document. Equal code gives equal bytes."""
    shapes, schemas = _schemas()
    paths: dict[str, Any] = {}
    for each in sorted(OPERATIONS, key=lambda one: (one.path, one.method)):
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, shapes, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Omonat API", "version": "1", "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "x-omonat-version": __version__,
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "tags": [{"name": name} for name in sorted({each.tag for each in OPERATIONS})],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())) | {"Problem": _PROBLEM_SCHEMA},
            "responses": dict(sorted(_problems().items())),
            "examples": _examples(),
            "securitySchemes": {"key": _KEY_SCHEME},
        },
    }  # fmt: skip


_KEY_SCHEME = {"type": "http", "scheme": "bearer", "bearerFormat": "omk_...", "description": "An API key."}
_PROBLEM_REF = {"$ref": _REF + "Problem"}
_PROBLEM_SCHEMA = {
    "title": "Problem", "description": "An error (RFC 9457). `problems`: what is wrong, by field.", "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "code": {"type": "string"},
        "problems": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["type", "title", "status", "detail", "code"],
}  # fmt: skip


def _schemas() -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    """Schema of each struct that an operation takes or gives, and the components that they refer to."""
    kinds = {kind for each in OPERATIONS for kind in (each.sent, each.answer, each.query) if kind is not None}
    ordered = sorted(kinds, key=lambda kind: str(kind.__name__))
    made, components = msgspec.json.schema_components(ordered, ref_template=REF)
    return dict(zip(ordered, made, strict=True)), components


def _operation(each: Operation, shapes: dict[Any, dict[str, Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": each.id,
        "summary": each.summary,
        "tags": [each.tag],
        "x-right": each.right,
        "parameters": list(_parameters(each)),
        "responses": _responses(each, shapes, schemas),
    }
    if each.description:
        made["description"] = each.description
    if each.right == STRANGER:
        made["security"] = []
    if each.sent is not None:
        example = example_of(shapes[each.sent], schemas, sent=True)
        content = {"application/json": {"schema": shapes[each.sent], "example": example}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _parameters(each: Operation) -> Iterable[dict[str, Any]]:
    for name in each.places:
        kind = {"type": "string", "format": "uuid"} if name.endswith("_id") else _WORD
        yield {"name": name, "in": "path", "required": True, "schema": kind}
    if each.query is not None:
        _made, components = msgspec.json.schema_components([each.query], ref_template=REF)
        shape = components[each.query.__name__]
        for name, schema in shape["properties"].items():
            said = {
                key: value
                for key, value in _inlined(schema, components).items()
                if key != "default" or value is not None
            }
            yield {
                "name": name,
                "in": "query",
                "required": name in shape.get("required", []),
                "schema": _without_null(said),
            }
    if each.writes:
        yield _IDEMPOTENCY
    if each.if_match is not None:
        yield _IF_MATCH
    if each.method == "GET":
        yield _IF_NONE_MATCH


_WORD = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,60}$"}
_IDEMPOTENCY = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "description": "A fresh random text per act; a repeat with the same one gets the first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}  # fmt: skip
_IF_MATCH = {
    "name": "If-Match", "in": "header", "required": True, "description": "The ETag of what you read.",
    "schema": {"type": "string"},
}  # fmt: skip
_IF_NONE_MATCH = {
    "name": "If-None-Match", "in": "header", "required": False, "description": "The ETag of what you hold: 304.",
    "schema": {"type": "string"},
}  # fmt: skip


def _inlined(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """Parameters stand for themselves: no reference to a component that nothing else uses."""
    name = str(schema.get("$ref", "")).removeprefix(_REF)
    return {**components[name]} if name else dict(schema)


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """An absent parameter is absent; there is no null in a query."""
    options = [each for each in schema.get("anyOf", []) if each.get("type") != "null"]
    return options[0] if "anyOf" in schema and len(options) == 1 else schema


# --- answers --------------------------------------------------------------------------------------------------------


def _responses(each: Operation, shapes: dict[Any, dict[str, Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {str(each.status if each.answer is not None else 204): _good(each, shapes, schemas)}
    if each.method == "GET" and each.answer is not None:
        made["304"] = {"description": "You hold the newest already."}
    by_status = _codes_by_status(each)
    for status, codes in by_status.items():
        made[str(status)] = {"$ref": f"#/components/responses/{_response_name(status, codes)}"}
    return dict(sorted(made.items()))


def _codes_by_status(each: Operation) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for code in sorted(set(codes_of(each))):
        found.setdefault(STATUS[code], []).append(code)
    return found


def _response_name(status: int, codes: list[str]) -> str:
    return f"{status}.{'.'.join(codes)}"


def _problems() -> dict[str, Any]:
    """Each set of errors that some operation may answer with, once."""
    return {
        _response_name(status, codes): {
            "description": f"{_TITLES[status]} Codes: {', '.join(codes)}.",
            "content": {PROBLEM: {"schema": _PROBLEM_REF, "examples": {code: _example_ref(code) for code in codes}}},
        }
        for each in OPERATIONS
        for status, codes in _codes_by_status(each).items()
    }


def _example_ref(code: str) -> dict[str, str]:
    return {"$ref": f"#/components/examples/{code}"}


def _good(each: Operation, shapes: dict[Any, dict[str, Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    if each.answer is None:
        return {"description": "Done."}
    example = example_of(shapes[each.answer], schemas, sent=False)
    content = {"application/json": {"schema": shapes[each.answer], "example": example}}
    return {"description": each.summary, "content": content}


def codes_of(each: Operation) -> Iterable[str]:
    """The stable codes that an operation may answer with."""
    yield from _ALWAYS
    yield from each.errors
    if each.right != STRANGER:
        yield from _WITH_KEY
    if each.places:
        yield "not_found"
    if each.sent is not None:
        yield from ("bad_request", "invalid_input", "unsupported_media_type", "too_large", "not_found")
    if each.query is not None:
        yield "invalid_input"
    if each.writes:
        yield from ("in_progress", "outcome_unknown", "answered_once", "idempotency_reused", "invalid_input")
    if each.if_match is not None:
        yield from ("precondition_required", "changed_meanwhile", "conflict")


def _examples() -> dict[str, Any]:
    """An example per code that any operation may answer with."""
    known = {kind.code: kind for kind in _kinds(OmonatError)}
    codes = sorted({code for each in OPERATIONS for code in codes_of(each)})
    return {
        code: {
            "value": {
                "type": f"urn:omonat:error:{code}", "title": known[code].message, "status": STATUS[code],
                "detail": known[code].what_to_do, "code": code,
            }
        }
        for code in codes
    }  # fmt: skip


def _kinds(kind: type[OmonatError]) -> Iterable[type[OmonatError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)
