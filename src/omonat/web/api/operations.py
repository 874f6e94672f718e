"""What an operation of the API is, and how a function becomes one.

    @operation("GET", "/cases/{case_id}", id="getCase", right="case.read", tag="Cases")
    def get_case(call: Call, case_id: UUID) -> CaseShape:
        \"""A case with its steps.\"""

Parameters say what arrives: `query` and `sent` are structs read from the query and the JSON body, others come from the
path. The first sentence of the docstring is the summary in the published description, the rest its description.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar, get_type_hints

STRANGER = "stranger"
"""In place of a right: everybody may call it, without a key."""

OPERATIONS: list["Operation"] = []
"""Every operation, as its module was loaded: the description and the routes are made of this list."""


class Operation(NamedTuple):
    """One operation. `status`: of its answer. `errors`: codes beyond those that its shape implies.

    `safe`: a POST that changes nothing but journals (an idempotency key means nothing to it). `once`: its answer
    holds a secret or personal values, so it is never kept. `exact`: repeating it is harmless by itself, so that even
    a crash leaves no doubt. `if_match`: the reading operation whose ETag the caller must send.
    """

    method: str
    path: str
    id: str
    right: str
    tag: str
    function: Callable[..., Any]
    sent: type | None
    query: type | None
    places: tuple[str, ...]
    answer: Any
    status: int
    errors: tuple[str, ...]
    safe: bool
    once: bool
    exact: bool
    if_match: Callable[..., Any] | None
    most_bytes: int | None

    @property
    def writes(self) -> bool:
        """Whether an idempotency key means something to it."""
        return self.method != "GET" and not self.safe

    @property
    def summary(self) -> str:
        """The first sentence of the docstring."""
        return (self.function.__doc__ or "").strip().partition("\n")[0]

    @property
    def description(self) -> str:
        """The rest of it."""
        lines = (self.function.__doc__ or "").strip().partition("\n")[2].splitlines()
        return "\n".join(line.strip() for line in lines).strip()


Function = TypeVar("Function", bound=Callable[..., Any])


def operation(
    method: str, path: str, *, id: str, right: str, tag: str, status: int = 200, errors: Sequence[str] = (),
    safe: bool = False, once: bool = False, exact: bool = False, if_match: Callable[..., Any] | None = None,
    most_bytes: int | None = None,
) -> Callable[[Function], Function]:  # fmt: skip
    """Register a function as an operation."""

    def register(function: Function) -> Function:
        hints = get_type_hints(function, include_extras=True)
        answer = hints.pop("return", None)
        places = tuple(part[1:-1] for part in path.split("/") if part.startswith("{"))
        OPERATIONS.append(
            Operation(
                method=method, path=path, id=id, right=right, tag=tag, function=function, sent=hints.get("sent"),
                query=hints.get("query"), places=places, answer=None if answer is type(None) else answer,
                status=status, errors=tuple(errors), safe=safe, once=once, exact=exact, if_match=if_match,
                most_bytes=most_bytes,
            )
        )  # fmt: skip
        return function

    return register


def by_function(function: Function) -> Operation:
    """The operation of a registered function. Raises StopIteration for any other."""
    return next(each for each in OPERATIONS if each.function is function)
