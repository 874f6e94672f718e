"""Does `policy.toml` have the right keys with the right kinds of values? The structs of `model.py` say which."""

import types
import typing
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from omonat.kernel.codec import from_builtins
from omonat.kernel.language import LANGUAGES
from omonat.policy import model
from omonat.policy.folder.source import Finding, Keys, Source
from omonat.policy.model import Term

Fields = dict[str, tuple[Any, bool]]
"""Name of a key to its type and whether it is required."""

NAMED: dict[str, type[msgspec.Struct]] = {
    "category": model.Category,
    "purpose": model.Purpose,
    "field": model.FormField,
    "form": model.Form,
    "recipient": model.Recipient,
    "cookie": model.Cookie,
    "right": model.Right,
    "site": model.Site,
}
SINGLE: dict[str, type[msgspec.Struct]] = {"policy": model.Policy, "operator": model.Operator, "contact": model.Contact}
_NEEDED = ("category", "purpose", "form", "right")

# What the file writes in another way than the facts hold it.
_TERM_KEYS = {"keep", "after_withdrawal", "consent_term", "suppression"}
_REWRITTEN: dict[tuple[str, str], Any] = {
    ("purpose", "keep"): str,
    ("purpose", "keep_by_category"): dict[str, str],
    ("policy", "after_withdrawal"): str,
    ("policy", "consent_term"): str,
    ("policy", "suppression"): str,
    ("form", "fields"): dict[str, Literal["required", "optional"]],
}
_LABEL_KEYS = {"labels", "name", "address", "responsible"}
_ELSEWHERE = {
    "policy": {
        "operator",
        "categories",
        "purposes",
        "forms",
        "recipients",
        "cookies",
        "rights",
        "contact",
        "sites",
        "lapsed",
    },
    "field": {"required"},
}
_CODES = {
    "grounds": ("missing_ground", "Name one or more of: consent, contract, law."),
    "ground": ("missing_ground", "Name one of: consent, contract, law."),
    "keep": ("missing_term", "Write how long, such as “1 year after collection” or “until withdrawal”."),
    "labels": ("missing_language", "Add a text in every language of the policy."),
    "languages": ("missing_language", "List the languages, such as [“uz-Latn”, “ru”]."),
}


def shape_findings(source: Source) -> Iterator[Finding]:
    """Unknown and missing keys, values of the wrong kind, missing languages, terms that cannot be read."""
    for section in source.tree:
        if section not in NAMED and section not in SINGLE:
            yield _unknown(source, (section,), [*SINGLE, *NAMED])
    for section, struct in SINGLE.items():
        yield from _table(source, (section,), _fields(section, struct), source.tree.get(section))
    for section, struct in NAMED.items():
        yield from _named(source, section, struct)


def _named(source: Source, section: str, struct: type[msgspec.Struct]) -> Iterator[Finding]:
    items = source.tree.get(section, {})
    if not isinstance(items, dict):
        yield source.finding((section,), "wrong_kind", f"“{section}” is not a table", f"Write [{section}.NAME].")
        return
    if section in _NEEDED and not items:
        yield source.finding((section,), "missing_key", f"No {section} is declared", f"Add a table [{section}.NAME].")
    for key, item in items.items():
        if not _is_name(key, section):
            advice = "Use small letters, digits and _, at most 40."
            yield source.finding((section, key), "wrong_name", f"“{key}” cannot be a name of a {section}", advice)
        yield from _table(source, (section, key), _fields(section, struct), item)


def _is_name(key: str, section: str) -> bool:
    bare = key.removeprefix("__Host-") if section == "cookie" else key
    return 0 < len(key) <= 40 and bare.isascii() and bare.replace("_", "a").isalnum() and bare == bare.lower()


def _fields(section: str, struct: type[msgspec.Struct]) -> Fields:
    skipped = _ELSEWHERE.get(section, set())
    return {
        field.name: (_REWRITTEN.get((section, field.name), field.type), field.required)
        for field in msgspec.structs.fields(struct)
        if field.name not in skipped
    }


def _table(source: Source, keys: Keys, fields: Fields, value: Any) -> Iterator[Finding]:
    name = ".".join(keys)
    if not isinstance(value, dict):
        what = "is missing" if value is None else "is not a table"
        yield source.finding(keys, "missing_key", f"The table [{name}] {what}", f"Write [{name}] and its keys.")
        return
    for key in value:
        if key not in fields:
            yield _unknown(source, (*keys, key), list(fields))
    for key, (kind, required) in fields.items():
        if key in value:
            yield from _value(source, (*keys, key), kind, value[key])
        elif required:
            code, advice = _CODES.get(key, ("missing_key", f"Add the key “{key}”."))
            if keys[0] == "cookie" and key == "purpose":
                code, advice = "cookie_without_purpose", "Name the purpose that the cookie serves."
            yield source.finding(keys, code, f"[{name}] has no “{key}”", advice)


def _value(source: Source, keys: Keys, kind: Any, value: Any) -> Iterator[Finding]:
    struct = _struct_in(kind)
    if struct is not None:
        yield from _table(source, keys, _fields("", struct), value)
        return
    try:
        from_builtins(value, kind)
    except msgspec.ValidationError as error:
        yield source.finding(keys, "wrong_kind", f"“{'.'.join(keys)}”: {error}", "Write a value of that kind.")
        return
    if kind == model.Labels and keys[-1] in _LABEL_KEYS:
        yield from _labels(source, keys, value)
    if keys[-1] in ("grounds", "ground") and not value:
        yield source.finding(keys, "missing_ground", f"“{'.'.join(keys)}” is empty", _CODES["grounds"][1])
    if keys[-1] == "languages":
        yield from _languages(source, keys, value)
    yield from _terms(source, keys, value)


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """The struct of `Agreement | None`, of `BasedOn | None`."""
    options = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    return next((option for option in options if isinstance(option, type) and issubclass(option, msgspec.Struct)), None)


def _labels(source: Source, keys: Keys, value: dict[str, str]) -> Iterator[Finding]:
    wanted = languages(source)
    for language in wanted:
        if not value.get(language, "").strip():
            advice = f'Add a line: {language} = "…"'
            yield source.finding(keys, "missing_language", f"“{'.'.join(keys)}” has no text in {language}", advice)
    for language in value:
        if language not in wanted:
            yield _unknown(source, (*keys, language), wanted)


def _languages(source: Source, keys: Keys, value: tuple[str, ...]) -> Iterator[Finding]:
    if not value:
        yield source.finding(keys, "missing_language", "The policy has no language", _CODES["languages"][1])
    for language in value:
        if language not in LANGUAGES:
            advice = f"Use: {', '.join(LANGUAGES)}."
            yield source.finding(keys, "unknown_language", f"“{language}” is not known", advice, word=language)


def _terms(source: Source, keys: Keys, value: Any) -> Iterator[Finding]:
    texts = {keys: value} if keys[-1] in _TERM_KEYS else {}
    if keys[-1] == "keep_by_category":
        texts = {(*keys, key): words for key, words in value.items()}
    for place, words in texts.items():
        try:
            Term.parse(words)
        except ValueError as error:
            events = "collection|withdrawal|case closed|contract end"
            advice = f"Write “N days|months|years after {events}”, or “until withdrawal”."
            yield source.finding(place, "wrong_term", f"“{'.'.join(place)}”: {error}", advice)


def languages(source: Source) -> list[str]:
    """The languages of the policy that we know, as far as the file says."""
    about = source.tree.get("policy")
    wanted = about.get("languages") if isinstance(about, dict) else None
    return [name for name in wanted if name in LANGUAGES] if isinstance(wanted, list) else []


def _unknown(source: Source, keys: Keys, known: list[str]) -> Finding:
    advice = f"Use one of: {', '.join(known)}."
    return source.finding(keys, "unknown_key", f"“{'.'.join(keys)}” is not known", advice)
