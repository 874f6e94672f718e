"""Errors on the way out: which HTTP status each code has, as a page for people, as RFC 9457 JSON for programs."""

import traceback
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from omonat.kernel.codec import to_json
from omonat.kernel.errors import InvalidInput, NotFound, OmonatError, Overloaded
from omonat.kernel.language import LANGUAGES, translate, wanted_language
from omonat.web.pages import render_error, told

STATUS = {
    "internal": 500,
    "bad_request": 400,
    "not_signed_in": 401,
    "who_first": 401,
    "staff_only": 401,
    "second_factor_first": 401,
    "prove_first": 401,
    "cross_site": 403,
    "denied": 403,
    "not_allowed": 403,
    "not_found": 404,
    "undertaking_missing": 401,
    "own_act": 403,
    "second_person_missing": 409,
    "approval_over": 409,
    "wrong_step": 409,
    "last_administrator": 409,
    "role_in_use": 409,
    "link_spent": 410,
    "method_not_allowed": 405,
    "conflict": 409,
    "case_changed": 409,
    "policy_changed": 409,
    "too_large": 413,
    "invalid_input": 422,
    "undeclared_category": 422,
    "wrong_code": 422,
    "wrong_file": 422,
    "unreadable_table": 422,
    "wrong_consent_form": 422,
    "not_opened": 409,
    "sign_in_refused": 422,
    "passkey_refused": 422,
    "ceremony_over": 409,
    "last_factor": 409,
    "single_sign_on_failed": 422,
    "too_many_requests": 429,
    "damaged": 500,
    "misconfigured": 503,
    "overloaded": 503,
    "disk_full": 503,
    "database_behind": 503,
    "ledger_folder_lost": 503,
    "bad_checkpoint": 422,
    "not_consistent": 409,
    "tree_shrank": 409,
    "log_unreachable": 502,
    "keys_unavailable": 503,
    "key_needed": 401,
    "origin_not_allowed": 403,
    "in_progress": 409,
    "outcome_unknown": 409,
    "answered_once": 409,
    "changed_meanwhile": 412,
    "unsupported_media_type": 415,
    "idempotency_reused": 422,
    "precondition_required": 428,
    "unknown_rule": 422,
    "policy_not_ready": 422,
    "site_not_declared": 403,
}
_BUSY_SECONDS = 5

_line = structlog.get_logger("omonat.error")


class BadRequest(OmonatError):
    """What arrived cannot be read."""

    code = "bad_request"
    message = "What was sent cannot be read."
    what_to_do = "Open the page again and send the form once more. Nothing was stored."


class MethodNotAllowed(OmonatError):
    """The page is there, but not for this."""

    code = "method_not_allowed"
    message = "This page cannot be used in this way."
    what_to_do = "Open the page again from the start."


class TooLarge(OmonatError):
    """More than a form of ours can hold."""

    code = "too_large"
    message = "This is too much for one form."
    what_to_do = "Shorten the text and send it again. Nothing was stored."


_BY_STATUS: dict[int, type[OmonatError]] = {404: NotFound, 405: MethodNotAllowed, 413: TooLarge, 503: Overloaded}


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer to any error that left a handler. What is unexpected is told nothing about, and written down."""
    known = _known(error)
    status = STATUS.get(known.code, 500)
    if status >= 500:
        _write_line(known, error)
    answer = _document(request, known, status) if wants_json(request) else _page(request, known, status)
    answer.headers["Cache-Control"] = "no-store"
    if known.code == MethodNotAllowed.code and isinstance(error, HTTPException):
        answer.headers["Allow"] = (error.headers or {}).get("allow", "")  # RFC 9110, 15.5.6
    for name, value in _waiting(known):
        answer.headers[name] = value
    return answer


def _known(error: Exception) -> OmonatError:
    if isinstance(error, OmonatError):
        return error
    if isinstance(error, TimeoutError):
        return BadRequest()  # the form did not arrive in time
    if isinstance(error, HTTPException):
        fallback = BadRequest if error.status_code < 500 else OmonatError
        return _BY_STATUS.get(error.status_code, fallback)()
    return OmonatError()


def _waiting(error: OmonatError) -> list[tuple[str, str]]:
    if not error.temporary:
        return []
    return [("Retry-After", str(error.details.get("seconds", _BUSY_SECONDS)))]


def wants_json(request: Request[Any, Any, Any]) -> bool:
    """Whether a program is asking: an address made for programs, or JSON preferred to a page."""
    path, accept = request.url.path, request.headers.get("accept", "")
    return (
        path.startswith(("/api/", "/ledger/", "/embed/"))
        or path.endswith(".json")
        or ("json" in accept and "text/html" not in accept)
    )


def language_of(request: Request[Any, Any, Any]) -> str:
    """The language of the path, or what the browser asks for."""
    first = request.url.path.strip("/").partition("/")[0]
    return first if first in LANGUAGES else wanted_language(request.headers.get("accept-language", ""))


def _document(request: Request[Any, Any, Any], error: OmonatError, status: int) -> Response[Any]:
    document = problem_document(language_of(request), error, status)
    return Response(to_json(document), status_code=status, media_type="application/problem+json")


def problem_document(language: str, error: OmonatError, status: int) -> dict[str, Any]:
    """An error as RFC 9457 has it. No `instance`: a path may name somebody."""
    title, detail = told(language, error)
    document: dict[str, Any] = {
        "type": f"urn:omonat:error:{error.code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": error.code,
    }
    if isinstance(error, InvalidInput):
        document["problems"] = {name: translate(language, "errors", text) for name, text in error.problems.items()}
    return document


def _page(request: Request[Any, Any, Any], error: OmonatError, status: int) -> Response[Any]:
    return render_error(request, error, status=status, language=language_of(request))


def _write_line(known: OmonatError, error: Exception) -> None:
    """Where it happened, never what it said: an error's text may hold a value (clause 6.1)."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = [f"{frame.filename.rpartition('/omonat/')[2]}:{frame.lineno}" for frame in frames]
    _line.error(known.code, kind=type(error).__name__, where=where, status=STATUS.get(known.code, 500))
