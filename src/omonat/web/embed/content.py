"""What the two scripts say and know: made of the policy in force, the same for every visitor (8.1, 8.2)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from omonat.consent import CHOICE_DAYS, bases, cookie_purposes, text_hash_of
from omonat.kernel.codec import to_json
from omonat.kernel.language import LANGUAGES
from omonat.policy import (
    Policy,
    Version,
    banner_parts,
    cookie_details,
    cookies_of,
    policy_link_words,
    purpose_label,
    second_layer_word,
    settings_notice,
)
from omonat.web.embed.texts import first, second

BUILT = Path(__file__).parent / "built"
STORES = {"cookie": "c", "local": "l", "session": "s", "database": "d"}


_made: dict[tuple[str, str], bytes] = {}
"""Version and language to what was made of them: the same until another version is in force."""
_MOST_KEPT = 16


def first_layer(version: Version) -> bytes:
    """`omonat.js`: the built script, called with the facts and the four languages."""
    return _kept(version, "", lambda: _called("omonat.js", first_facts(version.facts)))


def second_layer(version: Version, language: str) -> bytes:
    """`settings.js`: the built script, called with purposes, recipients and cookies in one language."""
    return _kept(version, language, lambda: _called("settings.js", second_facts(version.facts, language)))


def included(version: Version, language: str) -> bytes:
    """`banner.json`: what a site's own server needs to put the banner into its pages."""
    return _kept(version, f"json {language}", lambda: to_json(_included(version.facts, language)))


def _included(policy: Policy, language: str) -> dict[str, Any]:
    facts = first_facts(policy)
    return {
        "language": language,
        "basis": facts["basis"],
        "days": facts["days"],
        "share": facts["share"],
        "purposes": list(facts["clear"]),
        "texts": facts["texts"][language],
        "style": (BUILT / "banner.css").read_text("utf-8").strip(),
    }


def _kept(version: Version, language: str, make: Callable[[], bytes]) -> bytes:
    key = (version.hash, language)
    if key not in _made:
        if len(_made) >= _MOST_KEPT:
            _made.clear()
        _made[key] = make()
    return _made[key]


def _called(name: str, facts: dict[str, Any]) -> bytes:
    return (BUILT / name).read_bytes().rstrip() + b"(" + to_json(facts) + b");\n"


def first_facts(policy: Policy) -> dict[str, Any]:
    """What the first layer has to know. `clear`: per purpose where its items lie and what they are called there."""
    asked = cookie_purposes(policy)
    return {
        "basis": bases(policy),
        "second": _hash_of_second(policy),
        "days": CHOICE_DAYS,
        "share": sorted({site.share for site in policy.sites.values() if site.share}),
        "clear": {purpose: _items(policy, purpose) for purpose in asked},
        "texts": {language: _first_texts(policy, language) for language in LANGUAGES},
    }


def _items(policy: Policy, purpose: str) -> list[str]:
    return [
        f"{STORES[cookie.store]}:{cookie.name or key}" for key, cookie in policy.cookies.items()
        if cookie.purpose == purpose and not cookie.necessary
    ]  # fmt: skip


def _first_texts(policy: Policy, language: str) -> dict[str, Any]:
    """The notice comes in its parts, as a page asks about what has not been answered; `hash` is that of the whole."""
    parts = banner_parts(policy, language)
    shown = {
        "notice": [parts.opening, parts.closing], "asked": parts.asked,
        "hash": text_hash_of(parts.whole(parts.asked)), "link": policy_link_words(policy, language),
    }  # fmt: skip
    return first(language) | shown


def _hash_of_second(policy: Policy) -> str:
    """Names the second layer in its address: another one lies elsewhere, whatever a browser keeps of this one."""
    asked = cookie_purposes(policy)
    return text_hash_of("".join(settings_notice(policy, asked, language) for language in LANGUAGES))[:6]


def second_facts(policy: Policy, language: str) -> dict[str, Any]:
    """What the second layer shows: each purpose with its recipients and items, then what is always on."""
    asked = cookie_purposes(policy)
    optional = [
        {
            "id": purpose,
            "label": purpose_label(policy, purpose, language),
            "details": cookie_details(policy, purpose, language),
            "items": cookies_of(policy, purpose, language),
        }
        for purpose in asked
    ]
    said = {code: second_layer_word(code, language) for code in ("lead", "signal", "needed", "why", "missing")}
    return {
        "texts": second(language) | said | {"policy": policy_link_words(policy, language)},
        "hash": text_hash_of(settings_notice(policy, asked, language)),
        "purposes": optional,
        "needed": cookies_of(policy, None, language),
    }
