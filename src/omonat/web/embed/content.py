"""What the two scripts say and know: made of the policy in force, the same for every visitor (8.1, 8.2)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from omonat.consent import CHOICE_DAYS, asks_again_for, cookie_purposes, text_hash_of
from omonat.kernel.codec import to_json
from omonat.kernel.language import LANGUAGES
from omonat.policy import Cookie, Policy, Version, banner_notice, cookie_details, policy_link_words
from omonat.web.embed.texts import first, second
from omonat.web.pages import capital

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
        "basis": asks_again_for(policy),
        "days": CHOICE_DAYS,
        "share": sorted({site.share for site in policy.sites.values() if site.share}),
        "clear": {purpose: _items(policy, purpose) for purpose in asked},
        "texts": {language: _first_texts(policy, language, asked) for language in LANGUAGES},
    }


def _items(policy: Policy, purpose: str) -> list[str]:
    return [
        f"{STORES[cookie.store]}:{cookie.name or key}" for key, cookie in policy.cookies.items()
        if cookie.purpose == purpose and not cookie.necessary
    ]  # fmt: skip


def _first_texts(policy: Policy, language: str, asked: tuple[str, ...]) -> dict[str, Any]:
    notice = banner_notice(policy, language)
    labels = {purpose: capital(policy.purposes[purpose].labels[language]) for purpose in asked}
    shown = {"notice": notice, "hash": text_hash_of(notice), "link": policy_link_words(policy, language)}
    return first(language) | shown | {"purposes": labels}


def second_facts(policy: Policy, language: str) -> dict[str, Any]:
    """What the second layer shows: each purpose with its recipients and items, then what is always on."""
    optional = [
        {
            "id": purpose,
            "label": capital(policy.purposes[purpose].labels[language]),
            "details": cookie_details(policy, purpose, language),
            "items": [_item(key, it, language) for key, it in _waiting(policy) if it.purpose == purpose],
        }
        for purpose in cookie_purposes(policy)
    ]
    needed = [_item(key, it, language) for key, it in policy.cookies.items() if it.necessary]
    return {"texts": second(language), "purposes": optional, "needed": needed}


def _waiting(policy: Policy) -> list[tuple[str, Cookie]]:
    return [(key, cookie) for key, cookie in policy.cookies.items() if not cookie.necessary]


def _item(key: str, cookie: Cookie, language: str) -> dict[str, Any]:
    return {"name": cookie.name or key, "for": capital(cookie.labels[language]), "days": cookie.keep_days}
