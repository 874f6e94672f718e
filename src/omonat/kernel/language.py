"""The four languages: which one a reader wants, the catalogues, Uzbek Cyrillic from Latin, dates.

Catalogues live in `src/omonat/locale/<lang>/LC_MESSAGES/<domain>.po`, one domain per area (`site`, `portal`,
`errors`, ...). The msgid is the English text. uz-Cyrl is transliterated from uz-Latn; its `.po` holds overrides only.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from omonat.kernel.clock import TASHKENT, local_date
from omonat.kernel.cyrillic import to_cyrillic

LANGUAGES = ("uz-Latn", "uz-Cyrl", "ru", "en")
DEFAULT_LANGUAGE = "uz-Latn"
LANGUAGE_NAMES = {"uz-Latn": "Oʻzbekcha", "uz-Cyrl": "Ўзбекча", "ru": "Русский", "en": "English"}
LOCALE_FOLDER = Path(__file__).parent.parent / "locale"

_WEIGHTED = re.compile(r"(?P<tag>[a-z0-9_-]+|\*)(?:\s*;\s*q\s*=\s*(?P<weight>[01](?:\.[0-9]{0,3})?))?")

_BY_BROWSER_TAG = {"uz": "uz-Latn", "uz-latn": "uz-Latn", "uz-cyrl": "uz-Cyrl", "ru": "ru", "en": "en"}

_MONTHS = {
    "uz-Latn": "yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr".split(),
    "uz-Cyrl": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split(),
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(),
    "en": "January February March April May June July August September October November December".split(),
}

_DATES = {
    "uz-Latn": "{year}-yil {day}-{month}",
    "uz-Cyrl": "{year} йил {day} {month}",
    "ru": "{day} {month} {year} г.",
    "en": "{day} {month} {year}",
}


def wanted_language(accept_language: str, offered: tuple[str, ...] = LANGUAGES) -> str:
    """The best offered language for an `Accept-Language` header (RFC 9110, 12.5.4); the first offered if none fits."""
    for _weight, tag in sorted(_weighted(accept_language), key=lambda pair: -pair[0]):
        language = _looked_up(tag)
        if language in offered:
            return language
    return offered[0]


def _looked_up(tag: str) -> str | None:
    """Look-up of RFC 4647, 3.4: `uz-cyrl-uz`, then `uz-cyrl`, then `uz`."""
    while tag:
        if tag in _BY_BROWSER_TAG:
            return _BY_BROWSER_TAG[tag]
        tag = tag.rpartition("-")[0]
    return None


def _weighted(header: str) -> list[tuple[float, str]]:
    found = (_WEIGHTED.fullmatch(part.strip()) for part in header.lower().split(",")[:20])
    pairs = [(float(match["weight"] or 1), match["tag"].replace("_", "-")) for match in found if match]
    return [(weight, tag) for weight, tag in pairs if weight > 0]


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
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string and not m.fuzzy}


def translate(language: str, domain: str, text: str, **places: object) -> str:
    """`text` in `language`, its `{name}` places filled. An untranslated text stays English: a test forbids that."""
    found = catalogue(language, domain).get(text, text)
    return found.format(**places) if places else found


def long_date(moment: datetime | date, language: str) -> str:
    """A day in Tashkent as people write it: 2025-yil 4-sentabr · 4 сентября 2025 г. · 4 September 2025."""
    day = local_date(moment) if isinstance(moment, datetime) else moment
    return _DATES[language].format(day=day.day, month=_MONTHS[language][day.month - 1], year=day.year)


def long_moment(moment: datetime, language: str) -> str:
    """A day and a time in Tashkent."""
    return f"{long_date(moment, language)}, {moment.astimezone(TASHKENT):%H:%M}"
