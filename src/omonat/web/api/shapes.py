"""Types that the shapes of many operations share; their descriptions and examples go into the published description."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

NO_NUL = r"^[^\u0000]*$"

Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339, UTC.", examples=["2026-11-20T09:30:00Z"])]
Day = Annotated[date, Meta(description="A calendar day in Tashkent.", examples=["2026-11-20"])]
Word = Annotated[
    str,
    Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9._:-]+$", description="A word of the policy or of Omonat."),
]
Reason = Annotated[
    str,
    Meta(
        min_length=1, max_length=200, pattern=NO_NUL, examples=["Call of 20 November, the person asked for it."],
        description="Why; the person can read it in the journal.",
    ),
]  # fmt: skip
Value = Annotated[str, Meta(max_length=10_000, pattern=NO_NUL, description="A personal value, as it was typed.")]
Hash = Annotated[
    str,
    Meta(
        pattern="^[0-9a-f]{64}$", description="SHA-256 of the exact text that was shown, hex.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]  # fmt: skip
Language = Literal["uz-Latn", "uz-Cyrl", "ru", "en"]
Limit = Annotated[int, Meta(ge=1, le=100, description="How many at most.")]
Cursor = Annotated[
    str, Meta(min_length=1, max_length=400, pattern=r"^[A-Za-z0-9._-]+$", description="`next` of the page before.")
]


class Sent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a caller sends: an unknown field is refused, for it may be a misspelt one."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What the API answers. New fields may come; none goes within v1."""


class PageQuery(Sent, frozen=True, kw_only=True):
    """How a list is asked for."""

    limit: Limit = 50
    cursor: Cursor | None = None


class Page(Shape, frozen=True, kw_only=True):
    """`next`: the cursor of the next page, null on the last."""

    next: str | None
