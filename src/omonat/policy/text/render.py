"""Prose + facts + rule pack = Document. Lists and tables come from the facts, so text and behaviour cannot drift.

A `{{place}}` alone in a paragraph may stand for lists and tables (`BLOCK_PLACES`); inside a sentence it stands for
words (`inline_places`). The names are listed in docs/policy.md.
"""

import re
from collections.abc import Callable

from omonat.kernel.language import long_date
from omonat.law import RulePack
from omonat.policy.model import Policy
from omonat.policy.text import tables
from omonat.policy.text.document import Block, Clause, Document, ItemList, Paragraph, Section, Span, Spans, plain
from omonat.policy.text.markdown import parse_markdown
from omonat.policy.text.phrases import law_days, mark_span, span_words
from omonat.policy.text.tables import Facts

PLACE = re.compile(r"\{\{([a-z_.]+)\}\}")

BLOCK_PLACES: dict[str, Callable[[Facts], tuple[Block, ...]]] = {
    "categories": tables.categories,
    "purposes": tables.purposes,
    "grounds": tables.grounds,
    "grounds_table": tables.grounds_table,
    "retention_table": tables.retention_table,
    "holds": tables.holds,
    "recipients": tables.recipients,
    "cookies": tables.cookies,
    "rights": tables.rights,
    "operator": tables.operator,
}
REQUIRED_PLACES = (
    "categories", "purposes", "grounds_table", "recipients", "retention_table", "rights", "cookies", "operator",
)  # fmt: skip

# The names of the places inside a sentence; `{{term.KEY}}` with the keys of the rule pack comes on top.
INLINE_PLACES = (
    "number", "operator.name", "operator.address", "operator.stir", "operator.site", "operator.email",
    "operator.phone", "law.name", "law.short", "authority.name", "authority.site", "contact.responsible",
    "based_on.number", "based_on.issued_on", "after_withdrawal", "consent_term", "suppression",
)  # fmt: skip


def inline_places(facts: Facts) -> dict[str, Spans]:
    """What each `{{place}}` inside a sentence stands for."""
    policy, pack, language = facts.policy, facts.pack, facts.language
    operator = policy.operator
    words = {
        "number": policy.number,
        "operator.name": operator.name[language],
        "operator.address": operator.address[language],
        "operator.stir": operator.stir,
        "law.name": pack.law.name[language],
        "law.short": pack.law.short[language],
        "authority.name": pack.authority.name[language],
        "contact.responsible": policy.contact.responsible[language],
    }
    if policy.based_on:
        words["based_on.number"] = policy.based_on.number
        words["based_on.issued_on"] = long_date(policy.based_on.issued_on, language)
    links = {
        "operator.site": Span(operator.site, href=operator.site),
        "operator.email": Span(operator.email, href=f"mailto:{operator.email}"),
        "operator.phone": Span(operator.phone, href=tables.tel(operator.phone)),
        "authority.site": Span(pack.authority.site, href=pack.authority.site),
    }
    return (
        {name: (Span(text),) for name, text in words.items()}
        | {name: (span,) for name, span in links.items()}
        | {
            "after_withdrawal": _own_term(facts, "after_withdrawal"),
            "consent_term": _own_term(facts, "consent_term"),
        }
        | ({"suppression": _own_term(facts, "suppression")} if policy.suppression else {})
        | {f"term.{key}": _law_term(facts, key) for key in pack.terms}
    )


def _own_term(facts: Facts, name: str) -> Spans:
    term = getattr(facts.policy, name)
    return facts.marked(span_words(term, facts.language), f"policy.{name}")


def _law_term(facts: Facts, key: str) -> Spans:
    term = facts.pack.term(key)
    words = Span(law_days(term, facts.language))
    if term.mark == "verified":
        return (words,)
    return (words, Span(" "), mark_span(term.mark, facts.language))


def render(policy: Policy, pack: RulePack, *, prose: str, language: str) -> Document:
    """The whole published text in one language. Raises KeyError for an unknown place: `check` finds those first."""
    facts = Facts(policy, pack, language)
    filler = _Filler(facts)
    draft = parse_markdown(prose, language)
    sections = tuple(
        Section(s.number, filler.words(s.title), tuple(Clause(c.number, filler.blocks(c.blocks)) for c in s.clauses))
        for s in draft.sections
    )
    title, subtitle = filler.words(draft.title), filler.words(draft.subtitle)
    return Document(language, title, subtitle, filler.blocks(draft.preamble), sections)


class _Filler:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._inline = inline_places(facts)

    def words(self, text: str) -> str:
        return plain(self._spans((Span(text),)))

    def blocks(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        return tuple(filled for block in blocks for filled in self._block(block))

    def _block(self, block: Block) -> tuple[Block, ...]:
        if isinstance(block, Paragraph):
            alone = PLACE.fullmatch(plain(block.spans).strip())
            if alone and alone[1] in BLOCK_PLACES:
                return BLOCK_PLACES[alone[1]](self._facts)
            return (Paragraph(self._spans(block.spans)),)
        if isinstance(block, ItemList):
            return (ItemList(tuple(self._spans(item) for item in block.items)),)
        return (block,)

    def _spans(self, spans: Spans) -> Spans:
        return tuple(filled for span in spans for filled in self._span(span))

    def _span(self, span: Span) -> list[Span]:
        out: list[Span] = []
        for index, part in enumerate(PLACE.split(span.text)):
            if index % 2:
                out += [Span(s.text, span.strong or s.strong, s.href or span.href, s.mark) for s in self._inline[part]]
            elif part:
                out.append(Span(part, span.strong, span.href, span.mark))
        return out
