"""Pure rules of background work: what may be tried again, and when periodic work is due."""

from datetime import UTC, datetime, timedelta

from omonat.jobs.model import Periodic
from omonat.kernel.clock import TASHKENT
from omonat.kernel.errors import OmonatError


def failure_code(error: Exception) -> str:
    """A stable code; the text of an exception may hold a personal value and goes nowhere."""
    return error.code if isinstance(error, OmonatError) else "internal"


def may_be_repeated(error: Exception) -> bool:
    """Temporary errors, and those that we did not foresee: a broken connection is one of them."""
    return error.temporary if isinstance(error, OmonatError) else True


def newest_turn(periodic: Periodic, now: datetime) -> tuple[str, datetime]:
    """Business key and moment of the last turn at or before `now`: `sweep:2026-11-22`, `resume:2026-11-22T03:04Z`."""
    if periodic.daily_at is not None:
        return _daily(periodic, now)
    if not periodic.every:
        raise ValueError("a periodic work needs daily_at or every")
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    turn = midnight + (now - midnight) // periodic.every * periodic.every
    return f"{periodic.kind}:{turn:%Y-%m-%dT%H:%M:%SZ}", turn


def _daily(periodic: Periodic, now: datetime) -> tuple[str, datetime]:
    local = now.astimezone(TASHKENT)
    at = periodic.daily_at
    assert at is not None
    turn = datetime.combine(local.date(), at, TASHKENT)
    if turn > local:
        turn = datetime.combine(local.date() - timedelta(days=1), at, TASHKENT)
    return f"{periodic.kind}:{turn:%Y-%m-%d}", turn.astimezone(UTC)
