"""The four languages: which one a reader wants, the catalogues, Uzbek Cyrillic from Latin, dates.

Catalogues live in `src/omonat/locale/<lang>/LC_MESSAGES/<domain>.po`, one domain per area (`site`, `portal`,
`errors`, ...). The msgid is the English text. uz-Cyrl is transliterated from uz-Latn; its `.po` holds overrides only.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from omonat.kernel.clock import local_date, TASHKENT
from omonat.kernel.cyrillic import to_cyrillic

LANGUAGES = ("uz-Latn", "uz-Cyrl", "ru", "en")
DEFAULT_LANGUAGE = "uz-Latn"
LANGUAGE_NAMES = {"uz-Latn": "Oʻzbekcha", "uz-Cyrl": "Ўзбекча", "ru": "Русский", "en": "English"}
LOCALE_FOLDER = Path(__file__).parent.parent / "locale"

_BY_BROWSER_TAG = {
    "uz": "uz-Latn", "uz-latn": "uz-Latn", "uz-uz": "uz-Latn", "uz-latn-uz": "uz-Latn",
    "uz-cyrl": "uz-Cyrl", "uz-cyrl-uz": "uz-Cyrl",
    "ru": "ru", "en": "en",
}  # fmt: skip

_MONTHS = {
    "uz-Latn": "yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr".split(),
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(),
    "en": "January February March April May June July August September October November December".split(),
}


def wanted_language(accept_language: str, offered: tuple[str, ...] = LANGUAGES) -> str:
    """The best offered language for an `Accept-Language` header (RFC 9110, 12.5.4); the first offered if none fits."""
    for _weight, tag in sorted(_weighted(accept_language), key=lambda pair: -pair[0]):
        language = _BY_BROWSER_TAG.get(tag) or _BY_BROWSER_TAG.get(tag.split("-")[0])
        if language in offered:
            return language
    return offered[0]


def _weighted(header: str) -> list[tuple[float, str]]:
    pairs = []
    for part in header.lower().split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            quality = 0.0
        if tag and quality > 0:
            pairs.append((quality, tag.replace("_", "-")))
    return pairs


@cache
def catalogue(language: str, domain: str) -> Mapping[str, str]:
    """English msgid to text in `language`. English maps nothing: the msgid is the text."""
    if language == "en":
        return {}
    if language == "uz-Cyrl":
        latin = {msgid: to_cyrillic(text) for msgid, text in catalogue("uz-Latn", domain).items()}
        return latin | _read(language, domain)
    return _read(language, domain)


def _read(language: str, domain: str) -> dict[str, str]:
    path = LOCALE_FOLDER / language.replace("-", "_") / "LC_MESSAGES" / f"{domain}.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}


def translate(language: str, domain: str, text: str, **places: object) -> str:
    """`text` in `language`, its `{name}` places filled. An untranslated text stays English: a test forbids that."""
    found = catalogue(language, domain).get(text, text)
    return found.format(**places) if places else found


def long_date(moment: datetime | date, language: str) -> str:
    """A day in Tashkent as people write it: 2025-yil 4-sentabr · 4 сентября 2025 г. · 4 September 2025."""
    day = local_date(moment) if isinstance(moment, datetime) else moment
    if language == "uz-Cyrl":
        return to_cyrillic(long_date(day, "uz-Latn"))
    month = _MONTHS[language][day.month - 1]
    if language == "uz-Latn":
        return f"{day.year}-yil {day.day}-{month}"
    return f"{day.day} {month} {day.year} г." if language == "ru" else f"{day.day} {month} {day.year}"


def long_moment(moment: datetime, language: str) -> str:
    """A day and a time in Tashkent."""
    return f"{long_date(moment, language)}, {moment.astimezone(TASHKENT):%H:%M}"
