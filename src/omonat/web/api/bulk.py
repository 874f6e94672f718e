"""Many acts in one call: each is done or refused by itself, and the answer says so per item (207).

Several threads at once, so that the one writer commits them together.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, NamedTuple

from msgspec import Meta

from omonat.kernel.errors import OmonatError
from omonat.web.api.call import Call
from omonat.web.api.shapes import Sent, Shape
from omonat.web.problems import STATUS, problem_document

MOST_BYTES = 1024 * 1024
_THREADS = 16


class Bulk(Sent, frozen=True, kw_only=True):
    """Items that are carried out one by one."""


class BulkItem(Shape, frozen=True, kw_only=True):
    """What became of one item: `status` as if it had been sent alone, `problem` where it was refused."""

    index: Annotated[int, Meta(ge=0)]
    status: Annotated[int, Meta(ge=200, le=599)]
    problem: dict[str, Any] | None


class Made(NamedTuple):
    """One item: its answer or its problem."""

    status: int
    answer: Any
    problem: dict[str, Any] | None


def carry_out(call: Call, count: int, act: Callable[[int], Any], status: int) -> list[Made]:
    """`act(index)` for every item; an error of ours is the result of its item, any other ends the call."""

    def one(index: int) -> Made:
        try:
            return made_of(call, act(index), status)
        except OmonatError as error:
            return made_of(call, error, status)

    with ThreadPoolExecutor(min(_THREADS, count), thread_name_prefix="omonat-bulk") as pool:
        return list(pool.map(one, range(count)))


def made_of(call: Call, outcome: Any, status: int) -> Made:
    """One item whose answer, or refusal, is known."""
    if not isinstance(outcome, OmonatError):
        return Made(status, outcome, None)
    refused = STATUS.get(outcome.code, 500)
    return Made(refused, None, problem_document(call.language, outcome, refused))
