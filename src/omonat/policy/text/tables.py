"""The lists and tables that are made from the facts, one function per `{{place}}`."""

import re
from collections.abc import Iterable

from omonat.kernel.language import long_date
from omonat.law import RulePack
from omonat.policy.model import GROUNDS, Agreement, Labels, Policy, Term
from omonat.policy.text.document import Block, ItemList, Mark, Paragraph, Span, Spans, Table
from omonat.policy.text.phrases import (
    amount_words,
    country_words,
    ground_words,
    law_days,
    listed,
    mark_span,
    say,
    term_words,
)


class Facts:
    """The facts of one policy, in one language."""

    def __init__(self, policy: Policy, pack: RulePack, language: str) -> None:
        self.policy = policy
        self.pack = pack
        self.language = language

    def say(self, text: str, **places: object) -> str:
        """A phrase in the language of the document."""
        return say(text, self.language, **places)

    def purposes(self, ids: Iterable[str]) -> str:
        """Labels of purposes; all of them are one phrase."""
        return self._labels(ids, {k: p.labels for k, p in self.policy.purposes.items()}, "all purposes")

    def categories(self, ids: Iterable[str]) -> str:
        """Labels of categories; all of them are one phrase."""
        return self._labels(ids, {k: c.labels for k, c in self.policy.categories.items()}, "all categories")

    def _labels(self, ids: Iterable[str], labels: dict[str, Labels], all_of_them: str) -> str:
        wanted = list(ids)
        if set(wanted) == set(labels) and len(wanted) > 2:
            return self.say(all_of_them)
        return listed(labels[key][self.language] for key in wanted)

    def marked(self, text: str, *places: str) -> Spans:
        """Words, with the visible mark when the operator has to confirm one of `places`."""
        if not any(self.policy.is_to_confirm(place) for place in places):
            return (Span(text),)
        return (Span(text), Span(" "), mark_span("confirm", self.language))

    def law_mark(self, mark: str) -> Spans:
        """The mark of a rule, nothing when it is verified."""
        marks: dict[str, Mark] = {
            "secondary": "secondary",
            "unverified": "unverified",
            "policy_default": "policy_default",
        }
        return (Span(" "), mark_span(marks[mark], self.language)) if mark in marks else ()


def tel(phone: str) -> str:
    """A phone number as a link."""
    return "tel:" + re.sub(r"[^\d+]", "", phone)


def categories(facts: Facts) -> tuple[Block, ...]:
    """The declared categories (2.1)."""
    return (ItemList(tuple((Span(c.labels[facts.language]),) for c in facts.policy.categories.values())),)


def purposes(facts: Facts) -> tuple[Block, ...]:
    """The purposes (3.1); an optional one says that it needs consent."""
    items: list[Spans] = []
    for purpose in facts.policy.purposes.values():
        words = (Span(purpose.labels[facts.language]),)
        only = (Span(" ("), Span(facts.say("only with your consent"), strong=True), Span(")"))
        items.append(words + only if purpose.optional else words)
    return (ItemList(tuple(items)),)


def grounds(facts: Facts) -> tuple[Block, ...]:
    """Each ground (4.1) with the purposes that rest on it."""
    items: list[Spans] = []
    for ground in GROUNDS:
        ids = [key for key, purpose in facts.policy.purposes.items() if ground in purpose.grounds]
        if ids:
            lead = Span(ground_words(ground, facts.language), strong=True)
            marked = facts.marked(facts.purposes(ids), *(f"purpose.{key}.grounds" for key in ids))
            items.append((lead, Span(": "), *marked))
    return (ItemList(tuple(items)),)


def grounds_table(facts: Facts) -> tuple[Block, ...]:
    """The table form × category × purpose × ground (2.1, 3.1, 4.1)."""
    rows = []
    for key, form in facts.policy.forms.items():
        row = (
            (Span(form.labels[facts.language]),),
            (Span(facts.categories(form.categories())),),
            (Span(facts.purposes([form.purpose])),),
            facts.marked(ground_words(form.ground, facts.language), f"form.{key}.ground"),
        )
        rows.append(row)
    head = (facts.say("Form"), facts.say("Data"), facts.say("Purpose"), facts.say("Ground"))
    return (Table(facts.say("Which form collects what, for what and on which ground"), head, tuple(rows)),)


def retention_table(facts: Facts) -> tuple[Block, ...]:
    """The term of each purpose × category (6.3); categories with one term share a row."""
    rows = [row for key in facts.policy.purposes for row in _kept(facts, key)]
    head = (facts.say("Purpose"), facts.say("Data"), facts.say("Kept"))
    return (Table(facts.say("How long data are kept"), head, tuple(rows)),)


def _kept(facts: Facts, purpose_id: str) -> list[tuple[Spans, ...]]:
    purpose = facts.policy.purposes[purpose_id]
    by_term: dict[Term, list[str]] = {}
    for category in purpose.categories:
        by_term.setdefault(facts.policy.keep_for(purpose_id, category), []).append(category)
    rows: list[tuple[Spans, ...]] = []
    for term, ids in by_term.items():
        places = [f"purpose.{purpose_id}.keep"] if term == purpose.keep else []
        places += [f"purpose.{purpose_id}.keep_by_category.{category}" for category in ids]
        words = facts.marked(term_words(term, facts.language), *places)
        rows.append(((Span(purpose.labels[facts.language]),), (Span(facts.categories(ids)),), words))
    return rows


def holds(facts: Facts) -> tuple[Block, ...]:
    """The laws that keep data of this operator longer (6.3), with their marks."""
    items: list[Spans] = []
    for hold in map(facts.pack.hold, facts.policy.holds):
        words = facts.say(
            "{what}: at least {amount} ({law})",
            what=hold.labels[facts.language],
            amount=amount_words(hold.amount, hold.unit, facts.language),
            law=hold.law[facts.language],
        )
        items.append((Span(words), *facts.law_mark(hold.mark)))
    return (ItemList(tuple(items)),)


def recipients(facts: Facts) -> tuple[Block, ...]:
    """Who may receive data (5.1), and the undertaking that binds each."""
    rows = []
    for key, recipient in facts.policy.recipients.items():
        row = (
            facts.marked(recipient.labels[facts.language], f"recipient.{key}"),
            (Span(country_words(recipient.country, facts.language)),),
            (Span(facts.purposes(recipient.purposes)),),
            (Span(facts.categories(recipient.categories)),),
            (Span(ground_words(recipient.ground, facts.language)),),
            (Span(_agreement(facts, recipient.agreement)),),
        )
        rows.append(row)
    head = tuple(facts.say(word) for word in ("Recipient", "Country", "Purpose", "Data", "Ground", "Confidentiality"))
    return (Table(facts.say("Who may receive data"), head, tuple(rows)),)


def _agreement(facts: Facts, agreement: Agreement | None) -> str:
    if agreement is None:
        return facts.say("by law, without an agreement")
    signed_on = long_date(agreement.signed_on, facts.language)
    return facts.say("agreement No. {number}, {date}", number=agreement.number, date=signed_on)


def cookies(facts: Facts) -> tuple[Block, ...]:
    """Every cookie that the site may set (8.1)."""
    rows = []
    for name, cookie in facts.policy.cookies.items():
        row = (
            (Span(name),),
            (Span(cookie.labels[facts.language]),),
            facts.marked(amount_words(cookie.keep_days, "day", facts.language), f"cookie.{name}.keep_days"),
            (Span(facts.say("necessary" if cookie.necessary else "only with your consent")),),
        )
        rows.append(row)
    head = (facts.say("Cookie"), facts.say("What it is for"), facts.say("Kept"), facts.say("Consent"))
    return (Table(facts.say("Cookies of this site"), head, tuple(rows)),)


def rights(facts: Facts) -> tuple[Block, ...]:
    """The rights (7.1) with their articles and the term of the answer."""
    items: list[Spans] = []
    for right in facts.policy.rights.values():
        counted = "Article {articles}" if len(right.articles) == 1 else "Articles {articles}"
        articles = facts.say(counted, articles=listed(right.articles))
        spans: Spans = (Span(right.labels[facts.language]), Span(f" ({articles}; "))
        if right.term is None:
            spans += (Span(facts.say("at once")),)
        else:
            term = facts.pack.term(right.term)
            spans += (Span(facts.say("within {days}", days=law_days(term, facts.language))),)
            spans += facts.law_mark(term.mark)
        items.append((*spans, Span(")")))
    return (ItemList(tuple(items)),)


def operator(facts: Facts) -> tuple[Block, ...]:
    """The registered details of the operator (10.1)."""
    who, language = facts.policy.operator, facts.language
    details: list[tuple[str, Spans]] = [
        ("Operator", (Span(who.name[language]),)),
        ("STIR (taxpayer number)", (Span(who.stir),)),
        ("Legal address", (Span(who.address[language]),)),
        ("Site", (Span(who.site, href=who.site),)),
        ("E-mail", (Span(who.email, href=f"mailto:{who.email}"),)),
        ("Phone", (Span(who.phone, href=tel(who.phone)),)),
        ("Responsible", facts.marked(facts.policy.contact.responsible[language], "contact.responsible")),
    ]
    return tuple(Paragraph((Span(f"{facts.say(lead)}:", strong=True), Span(" "), *spans)) for lead, spans in details)
