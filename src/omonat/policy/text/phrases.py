"""How facts are said in the four languages: terms, grounds, lists, countries, marks. Same facts, same words, always."""

from collections.abc import Iterable
from functools import cache

from babel import Locale

from omonat.kernel.cyrillic import to_cyrillic
from omonat.kernel.language import translate
from omonat.law import LawTerm, Unit
from omonat.policy.model import Ground, Term
from omonat.policy.text.document import Mark, Span

_UNITS: dict[str, dict[Unit, tuple[str, ...]]] = {
    "en": {"day": ("day", "days"), "month": ("month", "months"), "year": ("year", "years")},
    "uz-Latn": {"day": ("kun",), "month": ("oy",), "year": ("yil",)},
    "ru": {"day": ("день", "дня", "дней"), "month": ("месяц", "месяца", "месяцев"), "year": ("год", "года", "лет")},
}
_AFTER = {
    "collection": "{amount} after collection",
    "withdrawal": "{amount} after withdrawal of consent",
    "case_closed": "{amount} after the case is closed",
    "contract_end": "{amount} after the contract ends; if none was concluded, after the case is closed",
}
_GROUNDS: dict[Ground, str] = {
    "consent": "consent",
    "contract": "contract with the person, or steps at the person's request before it",
    "law": "requirement of the law",
}
_CHANNELS = {"email": "e-mail", "sms": "SMS", "telegram": "Telegram", "web": "the site"}
_MARKS: dict[Mark, str] = {
    "confirm": "operator to confirm",
    "policy_default": "set by the operator: the law names no number",
    "secondary": "from a secondary source",
    "unverified": "to be verified",
}


def say(text: str, language: str, **places: object) -> str:
    """A phrase of this area in `language`."""
    return translate(language, "policy", text, **places)


def amount_words(amount: int, unit: Unit, language: str) -> str:
    """`3 years` · `3 yil` · `3 года`."""
    if language == "uz-Cyrl":
        return to_cyrillic(amount_words(amount, unit, "uz-Latn"))
    forms = _UNITS[language][unit]
    return f"{amount} {forms[_plural(amount, language)]}"


def _plural(amount: int, language: str) -> int:
    if language == "en":
        return 0 if amount == 1 else 1
    if language != "ru":
        return 0
    if amount % 10 == 1 and amount % 100 != 11:
        return 0
    return 1 if amount % 10 in (2, 3, 4) and amount % 100 not in (12, 13, 14) else 2


def term_words(term: Term, language: str) -> str:
    """A term of the policy as a person says it."""
    if term.amount == 0:
        return say("until consent is withdrawn", language)
    return say(_AFTER[term.after], language, amount=amount_words(term.amount, term.unit, language))


def span_words(term: Term, language: str) -> str:
    """Only how long, without the event it counts from."""
    return amount_words(term.amount, term.unit, language)


def law_days(term: LawTerm, language: str) -> str:
    """The days of a term of the law; 0 days are `at once`."""
    return amount_words(term.days, "day", language) if term.days else say("at once", language)


def ground_words(ground: Ground, language: str) -> str:
    """A ground of clause 4.1."""
    return say(_GROUNDS[ground], language)


def channel_words(channel: str, language: str) -> str:
    """A channel of news."""
    return say(_CHANNELS[channel], language)


def mark_span(mark: Mark, language: str) -> Span:
    """A mark that is seen: in brackets, so that plain text shows it too."""
    return Span(f"[{say(_MARKS[mark], language)}]", mark=mark)


def listed(words: Iterable[str]) -> str:
    """Words with commas; with semicolons where one of them has a comma inside."""
    said = list(words)
    return ("; " if any("," in word for word in said) else ", ").join(said)


@cache
def country_words(country: str, language: str) -> str:
    """The name of a country; the code itself when it is none."""
    name = Locale.parse(language.replace("-", "_")).territories.get(country, country)
    return str(name).replace("‘", "ʻ").replace("’", "ʼ")
