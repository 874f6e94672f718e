"""What the staff see of visits: counts."""

from datetime import date

import msgspec


class DayCount(msgspec.Struct, frozen=True):
    """One day (Asia/Tashkent): consenting visitors, and the pages that they looked at."""

    day: date
    visitors: int
    views: int


class Share(msgspec.Struct, frozen=True):
    """How many views fall to one page, language or kind of device."""

    name: str
    views: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A span of days, both ends in it. Days without a visit are not listed; shares are sorted, most views first."""

    from_on: date
    to_on: date
    days: tuple[DayCount, ...]
    pages: tuple[Share, ...]
    languages: tuple[Share, ...]
    devices: tuple[Share, ...]
