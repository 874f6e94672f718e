"""Pure rules of contracts: states, dates, and the one form of a number."""

from datetime import date

from omonat.contracts.model import Draft, Given
from omonat.kernel.errors import Denied, InvalidInput
from omonat.vault import WrongValue, normalise

PURPOSE, CATEGORY, GROUND, SOURCE = "contract", "other", "contract", "contract"
FIELDS = ("contract_number", "contract_about", "document")
"""Fields of the records that belong to a contract; nobody corrects them but with the contract."""

STATES = ("draft", "running", "ended", "annulled")
_AFTER = {
    ("draft", "start"): "running",
    ("draft", "annul"): "annulled",
    ("running", "end"): "ended",
    ("running", "annul"): "annulled",
}
_LONGEST = {"number": 60, "about": 500}
_MISSING = "Please fill this in."


def next_state(state: str, act: str) -> str:
    """draft -> running -> ended, or annulled before the end. Raises Denied for any other step."""
    if (state, act) not in _AFTER:
        raise Denied(reasons="contract_state")
    return _AFTER[state, act]


def stands(state: str, ends_on: date | None, today: date) -> bool:
    """Whether a contract or its draft is a ground today."""
    return state == "draft" or (state == "running" and (ends_on is None or ends_on >= today))


def checked(given: Given) -> Draft:
    """Raises InvalidInput with the problem of each field."""
    problems: dict[str, str] = {}
    texts = {name: _text(name, getattr(given, name), problems) for name in _LONGEST}
    starts_on = _day("starts_on", given.starts_on, problems, required=True)
    ends_on = _day("ends_on", given.ends_on, problems, required=False)
    if starts_on and ends_on and ends_on < starts_on:
        problems["ends_on"] = "The last day cannot be before the first."
    if problems or starts_on is None:
        raise InvalidInput(problems)
    return Draft(number=texts["number"], about=texts["about"], starts_on=starts_on, ends_on=ends_on)


def end_day(typed: str, starts_on: date, today: date) -> date:
    """The last day of a contract that ends: not before it began, not in the future. Raises InvalidInput."""
    problems: dict[str, str] = {}
    day = _day("ended_on", typed, problems, required=True)
    if day is not None and not starts_on <= day <= today:
        problems["ended_on"] = "The contract ends on a day between its first day and today."
    if problems or day is None:
        raise InvalidInput(problems)
    return day


def _text(name: str, typed: str, problems: dict[str, str]) -> str:
    try:
        text = normalise("text", typed, _LONGEST[name])
    except WrongValue as wrong:
        problems[name] = str(wrong.args[0])
        return ""
    if not text:
        problems[name] = _MISSING
    return text


def _day(name: str, typed: str, problems: dict[str, str], *, required: bool) -> date | None:
    if not typed.strip():
        if required:
            problems[name] = _MISSING
        return None
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        problems[name] = "This is not a date, such as 2026-11-22."
        return None
    if not date(1991, 9, 1) <= day <= date(2199, 12, 31):
        problems[name] = "This is not a date, such as 2026-11-22."
        return None
    return day
