"""Rules of signing in: how long a password is, how tries are slowed, which codes may count (clause 6.2)."""

import unicodedata
from datetime import datetime, timedelta

SHORTEST, LONGEST = 12, 200
FREE_TRIES = 5
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=15)  # an outsider can close an account's password for that long, and no longer
FORGOTTEN = timedelta(days=1)
STEP_SECONDS = 30

TOO_SHORT = "Use at least 12 characters. Several words that come to your mind are good, and easy to type."
TOO_LONG = "Use at most 200 characters."
TOO_PLAIN = "This is too easy to guess: use more than a few different characters, and not your name."


def password_problem(password: str, name: str) -> str:
    """What is wrong with a new password, or nothing. Length counts, not kinds of characters (NIST 800-63B)."""
    text = unicodedata.normalize("NFKC", password)
    if len(text) < SHORTEST:
        return TOO_SHORT
    if len(text) > LONGEST:
        return TOO_LONG
    is_name = text.strip().casefold() in {name.casefold(), name.casefold() * 2}
    return TOO_PLAIN if is_name or len(set(text.casefold())) < 5 else ""


def wait_after(failures: int) -> timedelta:
    """How long no try counts after so many failed ones: nothing at first, then doubling up to a quarter of an hour."""
    if failures < FREE_TRIES:
        return timedelta()
    doublings: int = min(failures - FREE_TRIES, 10)
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


def steps_allowed(now: datetime, last_step: int) -> tuple[int, ...]:
    """The half minutes whose codes count now: this one and its neighbours, none that was used or lies before it."""
    step = int(now.timestamp()) // STEP_SECONDS
    return tuple(each for each in (step - 1, step, step + 1) if each > last_step)


def is_counter_good(said: int, last: int) -> bool:
    """A counter that does not grow means a copied passkey; devices without a counter always say 0 (WebAuthn 7.2)."""
    return said > last or (said == 0 and last == 0)


def plain_name(typed: str) -> str:
    """A name as it is looked up."""
    return unicodedata.normalize("NFC", typed).strip()[:120]


def plain_code(typed: str) -> str:
    """A code without the spaces and hyphens that people put between, in capital letters."""
    return "".join(sign for sign in typed[:40] if sign.isascii() and sign.isalnum()).upper()
