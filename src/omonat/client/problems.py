"""What can go wrong, as exceptions with the stable code of the API."""

from collections.abc import Mapping
from typing import Any

UNREACHABLE = "unreachable"


class OmonatProblem(Exception):
    """The API said no. `code` is stable (docs/errors.md), `title` and `detail` are for people, in their language.

    `problems`: what is wrong, by field. `retry_after`: seconds to wait, where the API asks for it. `status` is 0 when
    no answer came at all (`code` is then `unreachable`); for a write nobody knows then whether it was done.
    """

    def __init__(
        self, *, code: str, status: int, title: str, detail: str = "", problems: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__(f"{code} ({status}): {title}" if status else f"{code}: {title}")
        self.code, self.status, self.title, self.detail = code, status, title, detail
        self.problems = dict(problems or {})
        self.retry_after = retry_after


class OmonatUnreachable(OmonatProblem):
    """No answer of Omonat, after every try: it is down, busy, or the way there is."""


def problem_of(status: int, facts: Mapping[str, Any], retry_after: float | None) -> OmonatProblem:
    """The exception for an answer with a problem document (RFC 9457), or with anything else."""
    problems = facts.get("problems")
    kind = OmonatUnreachable if status in (502, 503, 504) and "code" not in facts else OmonatProblem
    return kind(
        code=str(facts.get("code") or (UNREACHABLE if kind is OmonatUnreachable else "unknown")), status=status,
        title=str(facts.get("title") or "No answer of Omonat."), detail=str(facts.get("detail") or ""),
        problems={str(name): str(text) for name, text in problems.items()} if isinstance(problems, dict) else None,
        retry_after=retry_after,
    )  # fmt: skip
