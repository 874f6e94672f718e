"""Time: aware UTC datetimes inside, Asia/Tashkent at the edge."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

TASHKENT = ZoneInfo("Asia/Tashkent")


class Clock:
    """The one source of the present moment. `shift` moves it: tests and `omonat demo` look at other days."""

    def __init__(self, shift: timedelta = timedelta()) -> None:
        self.shift = shift

    def now(self) -> datetime:
        """The present, aware, in UTC, to the microsecond."""
        return datetime.now(UTC) + self.shift


def local_date(moment: datetime) -> date:
    """The calendar day in Tashkent: the day that people and terms mean."""
    return moment.astimezone(TASHKENT).date()


def end_of_local_day(day: date) -> datetime:
    """The last moment of a calendar day in Tashkent, in UTC. A term of N days runs to the end of its last day."""
    start_of_next = datetime(day.year, day.month, day.day, tzinfo=TASHKENT) + timedelta(days=1)
    return start_of_next.astimezone(UTC) - timedelta(microseconds=1)


def in_days(moment: datetime, days: int) -> datetime:
    """The moment at which a term of `days` calendar days that starts at `moment` has run out (Asia/Tashkent)."""
    return end_of_local_day(local_date(moment) + timedelta(days=days))


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC with a `Z`, microseconds always written, so that equal moments are equal bytes."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
