"""Do the facts fit together? Each rule looks at the raw tree, so that one fault does not hide another.

Rules implement: 2.1 (declared categories), 3.1 (promotions only with consent), 4.1 (each ground is declared),
5.1 (recipients are bound), 6.3 (terms), 8.1 (declared cookies).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from omonat.kernel.errors import Misconfigured
from omonat.law import RulePack, read_rule_pack
from omonat.policy.folder.sites import site_findings
from omonat.policy.folder.source import Finding, Keys, Source
from omonat.policy.model import CHANNELS, EVIDENCE_FIELDS

Table = dict[str, Any]

_WRITTEN = "written_or_edoc"  # a form of consent in the rule pack


def rule_findings(source: Source) -> Iterator[Finding]:
    """Unknown references, promotions without consent, recipients without agreement, categories that nobody uses."""
    facts = _Facts(source)
    yield from _about(facts)
    yield from _purposes(facts)
    yield from _forms(facts)
    yield from _recipients(facts)
    yield from _cookies(facts)
    yield from site_findings(source)
    yield from _terms_of_law(facts)
    yield from _unused(facts)
    yield from _confirm(facts)


class _Facts:
    """The tree with everything that is not a table left out."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.categories = self.tables("category")
        self.purposes = self.tables("purpose")
        self.fields = self.tables("field")
        self.forms = self.tables("form")
        self.recipients = self.tables("recipient")
        self.cookies = self.tables("cookie")
        self.rights = self.tables("right")
        self.policy = self.table("policy")
        self.contact = self.table("contact")
        self.pack = self._pack()

    def table(self, section: str) -> Table:
        value = self.source.tree.get(section)
        return value if isinstance(value, dict) else {}

    def tables(self, section: str) -> dict[str, Table]:
        return {key: item for key, item in self.table(section).items() if isinstance(item, dict)}

    def _pack(self) -> RulePack | None:
        try:
            return read_rule_pack(str(self.policy.get("law")))
        except Misconfigured:
            return None

    def find(self, keys: Keys, code: str, message: str, advice: str) -> Finding:
        return self.source.finding(keys, code, message, advice)

    def unknown(self, keys: Keys, names: Any, known: Iterable[str], what: str) -> Iterator[Finding]:
        """A finding for each of `names` (one or a list) that is not `known`."""
        for name in words(names):
            if name not in known:
                advice = f"Declare it, or use one of: {', '.join(known) or '(none is declared)'}."
                message = f"“{'.'.join(keys)}” names an unknown {what}: “{name}”"
                yield self.source.finding(keys, "unknown_reference", message, advice, word=name)


def words(value: Any) -> list[str]:
    """A word or a list of words as a list; anything else is empty: `shape` has said so already."""
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _about(facts: _Facts) -> Iterator[Finding]:
    keys: Keys = ("policy", "law")
    if facts.pack is None and "law" in facts.policy:
        yield facts.find(keys, "unknown_reference", "There is no rule pack of that name", 'Use: law = "uz".')
    number = facts.policy.get("number")
    if isinstance(number, str) and not number.replace(".", "0").isdecimal():
        keys = ("policy", "number")
        yield facts.find(keys, "wrong_kind", f"“{number}” is not a version number", "Write digits and points: 3.2.")


def _purposes(facts: _Facts) -> Iterator[Finding]:
    for key, purpose in facts.purposes.items():
        keys: Keys = ("purpose", key)
        yield from facts.unknown((*keys, "categories"), purpose.get("categories"), facts.categories, "category")
        yield from facts.unknown((*keys, "channels"), purpose.get("channels"), CHANNELS, "channel")
        confirmed, offered = purpose.get("double_opt_in"), words(purpose.get("channels"))
        yield from facts.unknown((*keys, "double_opt_in"), confirmed, offered, "channel of the purpose")
        kept = purpose.get("keep_by_category")
        for category in kept if isinstance(kept, dict) else ():
            known = words(purpose.get("categories"))
            yield from facts.unknown((*keys, "keep_by_category", category), category, known, "category of the purpose")
        promotes = purpose.get("optional") is True or bool(purpose.get("channels"))
        if promotes and words(purpose.get("grounds")) != ["consent"]:
            message = f"“{key}” is optional or has channels, but does not rest on consent alone"
            advice = 'Write: grounds = ["consent"] (clause 3.1: promotions only with consent).'
            yield facts.find((*keys, "grounds"), "promotion_without_consent", message, advice)
        if purpose.get("channels") and purpose.get("optional") is not True:
            message = f"“{key}” has channels, but is not optional"
            advice = "Write: optional = true; nobody may have to accept promotions."
            yield facts.find(keys, "promotion_without_consent", message, advice)


def _forms(facts: _Facts) -> Iterator[Finding]:
    for name, field in facts.fields.items():
        yield from facts.unknown(("field", name, "category"), field.get("category"), facts.categories, "category")
    for key, form in facts.forms.items():
        keys: Keys = ("form", key)
        fields = form.get("fields") if isinstance(form.get("fields"), dict) else {}
        evidence = form.get("evidence") if isinstance(form.get("evidence"), dict) else {}
        yield from facts.unknown((*keys, "purpose"), form.get("purpose"), facts.purposes, "purpose")
        yield from facts.unknown((*keys, "fields"), list(fields or {}), facts.fields, "field")
        yield from facts.unknown((*keys, "evidence"), list(evidence or {}), EVIDENCE_FIELDS, "kind of evidence")
        yield from facts.unknown((*keys, "evidence"), list((evidence or {}).values()), facts.categories, "category")
        yield from _form_purpose(facts, keys, form)
        yield from _news(facts, keys, form)


def _form_purpose(facts: _Facts, keys: Keys, form: Table) -> Iterator[Finding]:
    purpose = facts.purposes.get(str(form.get("purpose")))
    if purpose is None:
        return
    ground = form.get("ground")
    if ground is not None and ground not in words(purpose.get("grounds")):
        message = f"The form rests on “{ground}”, but its purpose does not"
        advice = f"Use a ground of the purpose, or add it to purpose.{form['purpose']}.grounds."
        yield facts.find((*keys, "ground"), "missing_ground", message, advice)
    for category in _collected(facts, form):
        if category in facts.categories and category not in words(purpose.get("categories")):
            message = f"The form collects “{category}”, which its purpose does not need"
            advice = f"Add it to purpose.{form['purpose']}.categories, or do not ask for it."
            yield facts.find(keys, "undeclared_category", message, advice)


def _collected(facts: _Facts, form: Table) -> list[str]:
    fields = form.get("fields") if isinstance(form.get("fields"), dict) else {}
    evidence = form.get("evidence") if isinstance(form.get("evidence"), dict) else {}
    asked = [str(facts.fields[name].get("category")) for name in fields or {} if name in facts.fields]
    return list(dict.fromkeys(asked + words(list((evidence or {}).values()))))


def _news(facts: _Facts, keys: Keys, form: Table) -> Iterator[Finding]:
    if "news" not in form:
        return
    yield from facts.unknown((*keys, "news"), form["news"], facts.purposes, "purpose")
    purpose = facts.purposes.get(str(form["news"]), {})
    yield from facts.unknown(
        (*keys, "news_channels"), form.get("news_channels"), words(purpose.get("channels")), "channel"
    )
    if purpose and purpose.get("optional") is not True:
        advice = "Offer only an optional purpose beside a form."
        yield facts.find((*keys, "news"), "promotion_without_consent", f"“{form['news']}” is not optional", advice)


def _recipients(facts: _Facts) -> Iterator[Finding]:
    for key, recipient in facts.recipients.items():
        keys: Keys = ("recipient", key)
        yield from facts.unknown((*keys, "purposes"), recipient.get("purposes"), facts.purposes, "purpose")
        yield from facts.unknown((*keys, "categories"), recipient.get("categories"), facts.categories, "category")
        agreement = recipient.get("agreement")
        bound = isinstance(agreement, dict) and agreement.get("confidentiality") is True
        if recipient.get("ground") != "law" and not bound:
            advice = "Add: agreement = { number = …, signed_on = …, confidentiality = true } (clause 5.1)."
            message = f"“{key}” is bound by no confidentiality agreement"
            yield facts.find(keys, "recipient_without_agreement", message, advice)
        country = recipient.get("country")
        if isinstance(country, str) and not (len(country) == 2 and country.isascii() and country.isupper()):
            advice = "Write the two letters of ISO 3166, such as UZ."
            yield facts.find((*keys, "country"), "wrong_kind", f"“{country}” is not the code of a country", advice)


def _cookies(facts: _Facts) -> Iterator[Finding]:
    for key, cookie in facts.cookies.items():
        keys: Keys = ("cookie", key)
        yield from facts.unknown((*keys, "purpose"), cookie.get("purpose"), facts.purposes, "purpose")
        purpose = facts.purposes.get(str(cookie.get("purpose")), {})
        if cookie.get("necessary") is False and purpose and purpose.get("optional") is not True:
            message = f"“{key}” is not necessary, but its purpose is not optional"
            advice = "Give it a purpose that waits for consent (clause 8.1)."
            yield facts.find((*keys, "purpose"), "cookie_without_consent", message, advice)
        if cookie.get("necessary") is False and (wanting := _in_writing(facts, purpose)):
            message = f"“{key}” waits for a banner, but “{wanting}” needs consent in writing"
            advice = "Give it a purpose without special and biometric data: no button is such a consent."
            yield facts.find((*keys, "purpose"), "cookie_in_writing", message, advice)


def _in_writing(facts: _Facts, purpose: Table) -> str:
    """A category of a purpose for which the law wants consent in writing; empty when there is none."""
    if facts.pack is None or _WRITTEN not in facts.pack.consent_forms:
        return ""
    known = [name for name in words(purpose.get("categories")) if name in facts.categories]
    return next((name for name in known if facts.categories[name].get("nature", "ordinary") != "ordinary"), "")


def _terms_of_law(facts: _Facts) -> Iterator[Finding]:
    yield from facts.unknown(("contact", "form"), facts.contact.get("form"), facts.forms, "form")
    if facts.pack is None:
        return
    what = "term of the rule pack"
    yield from facts.unknown(("policy", "holds"), facts.policy.get("holds"), facts.pack.holds, "hold of the rule pack")
    yield from facts.unknown(("contact", "term"), facts.contact.get("term"), facts.pack.terms, what)
    for section, tables in (("form", facts.forms), ("right", facts.rights)):
        for key, item in tables.items():
            yield from facts.unknown(
                (section, key, "term"), item.get("term"), facts.pack.terms, "term of the rule pack"
            )
    for key, right in facts.rights.items():
        yield from facts.unknown(("right", key, "articles"), right.get("articles"), facts.pack.articles, "article")


def _unused(facts: _Facts) -> Iterator[Finding]:
    used = {category for form in facts.forms.values() for category in _collected(facts, form)}
    for key, category in facts.categories.items():
        in_purposes = any(key in words(purpose.get("categories")) for purpose in facts.purposes.values())
        set_by_site = category.get("kind") in ("cookie", "visit") and facts.cookies  # what a browser does, no form
        if key not in used and not set_by_site:
            advice = "Collect it in a form, or remove it from the policy."
            yield facts.find(("category", key), "unused", f"No form collects the category “{key}”", advice)
        elif not in_purposes:
            advice = "Add it to the categories of a purpose: without one it has no term."
            yield facts.find(("category", key), "unused", f"No purpose needs the category “{key}”", advice)


def _confirm(facts: _Facts) -> Iterator[Finding]:
    for place in words(facts.policy.get("confirm")):
        value: Any = facts.source.tree
        for key in place.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value is None:
            message = f"“policy.confirm” names nothing: “{place}”"
            advice = "Name a key of this file, such as purpose.support.keep."
            keys: Keys = ("policy", "confirm")
            yield facts.source.finding(keys, "unknown_reference", message, advice, word=place)
