"""What a rule pack holds, as frozen data. Names for people are per language: uz-Latn, uz-Cyrl, ru, en."""

import calendar
from datetime import date, datetime, timedelta
from typing import Literal, TypeVar

import msgspec

from omonat.kernel.clock import end_of_local_day, local_date
from omonat.kernel.errors import OmonatError

Labels = dict[str, str]
Unit = Literal["day", "month", "year"]
Mark = Literal["verified", "secondary", "unverified", "policy_default"]
DayType = Literal["calendar", "working", "not_stated"]


class UnknownRule(OmonatError):
    """The rule pack has no rule of that name."""

    code = "unknown_rule"
    message = "The rule pack “{pack}” has no {what} “{key}”."
    what_to_do = "Use a name that the rule pack holds, or add it there with its source."


def last_day(first: date, amount: int, unit: Unit) -> date:
    """The last calendar day of `amount` units from `first`; 31 January + 1 month is the last day of February."""
    if unit == "day":
        return first + timedelta(days=amount)
    months = amount * (12 if unit == "year" else 1)
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every rule: how sure we are of it (`mark`) and who says so (`source`, a key of `sources`)."""

    mark: Mark
    source: str = ""


AnyRule = TypeVar("AnyRule", bound=Rule)


class LawTerm(Rule, frozen=True, kw_only=True):
    """A number of days for an act. Where `day_type` is `not_stated`, days are counted as calendar days: stricter."""

    days: int
    day_type: DayType
    article: str
    labels: Labels

    def end(self, start: datetime) -> datetime:
        """The end of the last day of the term that starts at `start`, days of Asia/Tashkent, in UTC."""
        return end_of_local_day(last_day(local_date(start), self.days, "day"))


class HoldRule(Rule, frozen=True, kw_only=True):
    """A law that keeps data longer than the purpose does (clause 6.3); erasure waits for it."""

    amount: int
    unit: Unit
    law: Labels
    labels: Labels

    def last_day(self, first: date) -> date:
        """The last day on which the hold stands when it starts on `first`."""
        return last_day(first, self.amount, self.unit)


class Article(Rule, frozen=True, kw_only=True):
    """An article and what it is about, in our words."""

    labels: Labels


class Definition(Rule, frozen=True, kw_only=True):
    """A word of the law and what it means, in our words."""

    article: str
    word: Labels
    text: Labels


class ConsentForm(Rule, frozen=True, kw_only=True):
    """A form in which consent must be given, and when."""

    article: str
    labels: Labels


class IncidentDuty(Rule, frozen=True, kw_only=True):
    """Whom to tell of an incident, within which term of `terms`. `always`: false where it must be decided first."""

    term: str
    always: bool
    labels: Labels
    note: Labels


class Law(Rule, frozen=True, kw_only=True):
    """The law itself: official name, number, date and the edition that was read."""

    name: Labels
    short: Labels
    number: str
    adopted_on: date
    edition: str
    effective_from: date
    effective_to: date | None = None


class Authority(Rule, frozen=True, kw_only=True):
    """The body to which a person complains (clause 7.1 d)."""

    name: Labels
    site: str


class RulePack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that one jurisdiction says. `count_not_stated_as`: how days without a type are counted."""

    id: str
    version: str
    count_not_stated_as: Literal["calendar"]
    law: Law
    authority: Authority
    terms: dict[str, LawTerm]
    holds: dict[str, HoldRule]
    articles: dict[str, Article]
    definitions: dict[str, Definition]
    consent_forms: dict[str, ConsentForm]
    sources: dict[str, str]
    incident_duties: dict[str, IncidentDuty] = {}

    def term(self, key: str) -> LawTerm:
        """Raises UnknownRule."""
        return self._rule(self.terms, "term", key)

    def hold(self, key: str) -> HoldRule:
        """Raises UnknownRule."""
        return self._rule(self.holds, "hold", key)

    def article(self, key: str) -> Article:
        """Raises UnknownRule."""
        return self._rule(self.articles, "article", key)

    def _rule(self, rules: dict[str, AnyRule], what: str, key: str) -> AnyRule:
        if key not in rules:
            raise UnknownRule(pack=self.id, what=what, key=key)
        return rules[key]
