"""What changed between two texts, clause by clause and word by word; and between two sets of facts (9.1, 9.2)."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, Literal

import msgspec

from omonat.policy.model import Labels, Policy, Purpose, Term
from omonat.policy.text.document import Document, block_text, clause_text
from omonat.policy.text.phrases import ground_words, listed, term_words

Kind = Literal["same", "changed", "added", "removed"]

_WORDS = re.compile(r"^\s+|(?:\w+(?:[ʻʼ'’‘`]\w+)*|[^\w\s])\s*")  # a word or a sign, with the space behind it
_REWRITTEN = 0.6
_APOSTROPHES = str.maketrans(dict.fromkeys("ʻʼ’‘`", "'"))


class Piece(msgspec.Struct, frozen=True):
    """A run of words: `same` is in both texts (as the new one writes it), `removed` only in the old, `added` new."""

    kind: Literal["same", "removed", "added"]
    text: str


class ClauseChange(msgspec.Struct, frozen=True):
    """One clause in both versions. `title` is the section's, of the new text where it is there."""

    number: str
    title: str
    kind: Kind
    pieces: tuple[Piece, ...]


def diff(old: Document, new: Document) -> tuple[ClauseChange, ...]:
    """Clause by clause in the order of the new text; a removed clause stands after its old neighbour.

    The same letter in another shape (oʻ, o') is no change: a reader cannot see a difference in meaning there.
    """
    before, after = _texts(old), _texts(new)
    titles = _titles(old) | _titles(new)
    return tuple(_change(key, titles.get(key, ""), before.get(key), after.get(key)) for key in _merged(before, after))


def _texts(document: Document) -> dict[str, str]:
    preamble = "\n".join([document.title, document.subtitle, *(block_text(block) for block in document.preamble)])
    return {"": preamble} | {number: clause_text(clause) for number, clause in document.clauses().items()}


def _titles(document: Document) -> dict[str, str]:
    return {c.number or f"{s.number}.0": f"{s.number}. {s.title}" for s in document.sections for c in s.clauses}


def _merged(before: dict[str, str], after: dict[str, str]) -> list[str]:
    order = list(after)
    for number in before:
        if number not in after:
            earlier = [key for key in list(before)[: list(before).index(number)] if key in order]
            order.insert(order.index(earlier[-1]) + 1 if earlier else 0, number)
    return order


def _change(number: str, title: str, old: str | None, new: str | None) -> ClauseChange:
    if old is None:
        return ClauseChange(number, title, "added", (Piece("added", new or ""),))
    if new is None:
        return ClauseChange(number, title, "removed", (Piece("removed", old),))
    pieces = tuple(word_pieces(old, new))
    same = all(piece.kind == "same" for piece in pieces)
    return ClauseChange(number, title, "same" if same else "changed", pieces)


def word_pieces(old: str, new: str) -> Iterator[Piece]:
    """Word by word. `same` and `added` joined are `new`; `same` and `removed` say what `old` says.

    A text that keeps little of the old one is shown whole, old and then new: a mosaic of words reads worse.
    """
    left, right = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, [_key(word) for word in left], [_key(word) for word in right], autojunk=False)
    if matcher.ratio() < _REWRITTEN:
        yield from _replaced(left, right)
        return
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(right[j1:j2]))
        else:
            yield from _replaced(left[i1:i2], right[j1:j2])


def _replaced(left: list[str], right: list[str]) -> Iterator[Piece]:
    if left:
        yield Piece("removed", "".join(left))
    if right:
        yield Piece("added", "".join(right))


def _key(word: str) -> str:
    return word.strip().translate(_APOSTROPHES)


class FactChange(msgspec.Struct, frozen=True):
    """One fact that differs. `what`: purpose, category, recipient, cookie, form, term, ground. Texts per language."""

    what: str
    change: Literal["added", "removed", "changed"]
    id: str
    labels: Labels
    old: Labels | None = None
    new: Labels | None = None


def facts_diff(old: Policy | None, new: Policy) -> tuple[FactChange, ...]:
    """New and dropped purposes, categories, recipients, cookies and forms; changed terms and grounds.

    `old` None (an adopted text has no facts): nothing can be compared, and the answer is empty.
    """
    if old is None:
        return ()
    found: list[FactChange] = []
    for what, name in _NAMED:
        found += _members(what, getattr(old, name), getattr(new, name))
    for key, purpose in new.purposes.items():
        if key in old.purposes:
            found += _purpose_changes(key, old, new, purpose)
    return tuple(found)


_NAMED = (
    ("purpose", "purposes"), ("category", "categories"), ("recipient", "recipients"), ("cookie", "cookies"),
    ("form", "forms"),
)  # fmt: skip


def _members(what: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[FactChange]:
    for key, item in new.items():
        if key not in old:
            yield FactChange(what, "added", key, item.labels)
    for key, item in old.items():
        if key not in new:
            yield FactChange(what, "removed", key, item.labels)


def _purpose_changes(key: str, old: Policy, new: Policy, purpose: Purpose) -> Iterator[FactChange]:
    before = old.purposes[key]
    if before.grounds != purpose.grounds:
        was, now = _grounds(new, before), _grounds(new, purpose)
        yield FactChange("ground", "changed", key, purpose.labels, was, now)
    for category in purpose.categories:
        if category not in before.categories:
            continue
        was, now = (_term(new, policy.keep_for(key, category)) for policy in (old, new))
        if was != now:
            yield FactChange("term", "changed", f"{key}.{category}", _both(new, key, category), was, now)


def _grounds(policy: Policy, purpose: Purpose) -> Labels:
    return {name: listed(ground_words(ground, name) for ground in purpose.grounds) for name in policy.languages}


def _term(policy: Policy, term: Term) -> Labels:
    return {name: term_words(term, name) for name in policy.languages}


def _both(policy: Policy, purpose: str, category: str) -> Labels:
    labels, of = policy.categories[category].labels, policy.purposes[purpose].labels
    return {language: f"{of[language]}: {labels[language]}" for language in policy.languages}
