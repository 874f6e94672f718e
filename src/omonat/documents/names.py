"""Names of things in one language: categories, purposes and recipients from the policy, the rest from `words`."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from omonat.documents.words import DOMAIN, WORDS, word
from omonat.kernel.clock import TASHKENT
from omonat.kernel.language import long_date, long_moment, translate
from omonat.law import RulePack
from omonat.policy import Policy, term_words
from omonat.rights import Case, HeldValue
from omonat.vault import shown


class Names:
    """Looks up what people read. `policy` is the version in force; a word that it no longer knows is shown as it is."""

    def __init__(self, language: str, policy: Policy, pack: RulePack) -> None:
        self.language, self.policy, self.pack = language, policy, pack

    def t(self, text: str, **places: object) -> str:
        """A text of the domain `documents`."""
        return translate(self.language, "documents", text, **places)

    def word(self, kind: str, said: str | None) -> str:
        """A word of the domain `words`."""
        return word(self.language, kind, said)

    def category(self, category: str) -> str:
        """Such as: phone number."""
        return self._label(self.policy.categories, category)

    def kind(self, category: str) -> str:
        """The kind of a category's values; `text` for one that is no longer declared."""
        found = self.policy.categories.get(category)
        return found.kind if found else "text"

    def categories(self, categories: tuple[str, ...]) -> str:
        """Several, in one line."""
        return ", ".join(self.category(category) for category in categories)

    def purpose(self, purpose: str | None) -> str:
        """What data is processed for; None is every purpose."""
        if purpose is None:
            return translate(self.language, DOMAIN, "every purpose")
        return self._label(self.policy.purposes, purpose)

    def recipient(self, recipient: str) -> str:
        """Who received."""
        return self._label(self.policy.recipients, recipient)

    def store(self, store: str) -> str:
        """Where something was destroyed: our own stores, connected systems, recipients."""
        kind, _, whose = store.partition(":")
        if kind == "recipient":
            return self.recipient(whose)
        return f"{self.word('store', kind)} {whose}".rstrip()

    def field(self, value: HeldValue) -> str:
        """The label of the form's field that the value came by; else its category."""
        form = self.policy.forms.get(value.source.removeprefix("form:"))
        forms = [form] if form else list(self.policy.forms.values())
        for candidate in forms:
            if value.field in candidate.fields:
                return candidate.fields[value.field].labels[self.language]
        if value.field in WORDS["field"]:
            return self.word("field", value.field)
        return self.category(value.category)

    def value(self, value: HeldValue) -> str:
        """The value as people write it."""
        if self.kind(value.category) != "phone" or value.masked:
            return value.value
        return shown("phone", value.value)

    def kept_until(self, value: HeldValue) -> str:
        """The day on which the term ends; while the term has not begun, what it will be counted from."""
        if value.keep_until is not None:
            return self.day(value.keep_until)
        try:
            return term_words(self.policy.keep_for(value.purpose, value.category), self.language)
        except KeyError:  # a purpose or category of an older version
            return "–"

    def reason(self, reason: str) -> str:
        """Why something was read or used; what a member of staff wrote is shown as it was written."""
        kind, _, rest = reason.partition(":")
        if kind not in WORDS["why"]:
            return reason
        if kind != "download":
            return self.word("why", kind)
        taken = self.word("why", rest) if rest in WORDS["why"] else rest.upper()
        return f"{self.word('why', kind)}: {taken}"

    def source(self, source: str) -> str:
        """Where a value or a consent came from: `form:callback`, `case:correct`, `portal`, `banner+gpc`."""
        kind, _, rest = source.partition("+")[0].partition(":")
        if kind == "form" and rest:
            return translate(self.language, DOMAIN, "form “{form}”", form=self._label(self.policy.forms, rest))
        if kind == "case" and rest:
            return self.word("case", rest)
        return self.word("source", kind)

    def channel(self, channel: str) -> str:
        """The channel of a consent; `to:` names the recipient whom data may be passed to."""
        kind, _, rest = channel.partition(":")
        if kind == "to":
            return translate(self.language, DOMAIN, "passing on to {recipient}", recipient=self.recipient(rest))
        return self.word("channel", channel)

    def actor(self, actor: str) -> str:
        """Who did it: you, the system, a named member of staff."""
        kind, _, rest = actor.partition(":")
        if kind == "staff" and rest:
            return translate(self.language, DOMAIN, "our staff member {name}", name=rest)
        if kind == "key" and rest:
            return translate(self.language, DOMAIN, "our program {name}", name=rest)
        return self.word("actor", kind)

    def law(self, key: str) -> str:
        """The law of a hold, by its key in the rule pack, and how sure that is unless it was read in the law."""
        rule = self.pack.holds.get(key)
        if rule is None:
            return key
        name = rule.law[self.language]
        return name if rule.mark == "verified" else f"{name} – {self.word('mark', rule.mark)}"

    def state(self, case: Case) -> str:
        """The outcome of a case when it has one, its state otherwise."""
        return self.word("outcome", case.outcome) if case.outcome else self.word("state", case.state)

    def mark(self, term: str) -> str:
        """How sure the term of a case is."""
        if term in WORDS["mark"]:
            return self.word("mark", term)
        rule = self.pack.terms.get(term)
        return self.word("mark", rule.mark if rule else "unverified")

    def day(self, moment: datetime | date | None) -> str:
        """A day in words; a dash for none."""
        return long_date(moment, self.language) if moment else "–"

    def moment(self, moment: datetime | None) -> str:
        """A day and time in words; a dash for none."""
        return long_moment(moment, self.language) if moment else "–"

    def _label(self, things: Mapping[str, Any], key: str) -> str:
        return str(things[key].labels[self.language]) if key in things else key


def local_moment(moment: datetime | None) -> str:
    """Tashkent time that spreadsheets read as a time; empty for none."""
    return f"{moment.astimezone(TASHKENT):%Y-%m-%d %H:%M}" if moment else ""
