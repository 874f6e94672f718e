"""Two versions side by side, as a layperson reads them: what changed in short, then clause by clause (clause 9.2)."""

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from omonat.kernel.language import DEFAULT_LANGUAGE
from omonat.policy import ClauseChange, FactChange, Piece, diff, facts_diff

if TYPE_CHECKING:
    from omonat.policy import Version

_REWRITTEN_BELOW = 0.5


class ChangeView(NamedTuple):
    """One clause that differs. `rewritten`: so little stayed that the two texts are read one after the other."""

    number: str
    kind: str
    pieces: tuple[Piece, ...]
    rewritten: bool
    before: str
    after: str


class SectionView(NamedTuple):
    """The clauses of a section that differ; the title is empty for the text before the first section."""

    title: str
    changes: tuple[ChangeView, ...]


class Comparison(NamedTuple):
    """Everything that a page says about two versions. `language`: the one that both texts have."""

    language: str
    counts: dict[str, int]
    facts: tuple[FactChange, ...]
    sections: tuple[SectionView, ...]


def compare(earlier: "Version", later: "Version", language: str) -> Comparison:
    """Compare in the reader's language if both have it, else in one that both have."""
    read_in = _common_language(earlier, later, language)
    changes = diff(earlier.document(read_in), later.document(read_in))
    counts = Counter(change.kind for change in changes)
    return Comparison(
        language=read_in,
        counts={kind: counts[kind] for kind in ("changed", "added", "removed", "same")},
        facts=facts_diff(earlier.policy, later.policy) if later.policy else (),
        sections=_sections([change for change in changes if change.kind != "same"]),
    )


def _common_language(earlier: "Version", later: "Version", language: str) -> str:
    both = [name for name in earlier.languages if name in later.languages]
    return next((name for name in (language, DEFAULT_LANGUAGE) if name in both), both[0] if both else language)


def _sections(changes: list[ClauseChange]) -> tuple[SectionView, ...]:
    by_title: dict[str, list[ChangeView]] = {}
    for change in changes:
        by_title.setdefault(change.title, []).append(_view(change))
    return tuple(SectionView(title, tuple(views)) for title, views in by_title.items())


def _view(change: ClauseChange) -> ChangeView:
    before, after = _joined(change, "removed"), _joined(change, "added")
    stayed = sum(len(piece.text) for piece in change.pieces if piece.kind == "same")
    rewritten = change.kind == "changed" and stayed < _REWRITTEN_BELOW * max(len(before), len(after))
    return ChangeView(change.number, change.kind, change.pieces, rewritten, before, after)


def _joined(change: ClauseChange, kind: str) -> str:
    return "".join(piece.text for piece in change.pieces if piece.kind in ("same", kind))
