"""Pure rules of joining and separating: what evidence has to show, what to know before, what is seen in a preview."""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256

from omonat.grounds import PersonState
from omonat.kernel.codec import to_canonical_json
from omonat.kernel.errors import InvalidInput
from omonat.people.regrouping_model import EVIDENCE, NOTE_LENGTH, Stated
from omonat.vault import HeldIdentifier, HeldRecord

COUNTED = {
    "submission": "forms", "consent_event": "consents", "subject_case": "cases", "contract": "contracts",
    "disclosure": "disclosures", "restriction": "restrictions", "hold": "holds", "journal": "journal",
}  # fmt: skip
"""Tables that a preview counts, and what they are called there."""


def check_stated(stated: Stated) -> None:
    """Raises InvalidInput."""
    problems = {}
    if stated.evidence not in EVIDENCE:
        problems["evidence"] = "Choose how you know it."
    if not stated.note.strip():
        problems["note"] = "Please fill this in."
    elif len(stated.note) > NOTE_LENGTH:
        problems["note"] = "This is too long."
    if problems:
        raise InvalidInput(problems)


def evidence_objections(
    evidence: str, source: Iterable[HeldIdentifier], target: Iterable[HeldIdentifier]
) -> tuple[str, ...]:  # fmt: skip
    """Why this evidence does not show it. An answered code or a call needs a proven address that the other names.

    A document that was seen stands for itself. What is typed into a form and proven by nobody shows nothing.
    """
    if evidence == "document_seen":
        return ()
    kinds = ("phone",) if evidence == "called_back" else ("phone", "email")
    mine = {(one.kind, one.tag): one.state for one in source if one.kind in kinds}
    theirs = {(one.kind, one.tag): one.state for one in target if one.kind in kinds}
    if any("proven" in (mine[key], theirs[key]) for key in mine.keys() & theirs.keys()):
        return ()
    return (f"{evidence}_needs_proof",)


def joining_conflicts(
    source: PersonState, target: PersonState, mine: Iterable[HeldIdentifier], theirs: Iterable[HeldIdentifier], *,
    earlier: bool,
) -> tuple[str, ...]:  # fmt: skip
    """What to know before two become one."""
    found = []
    both = [[one for one in side if one.state == "proven"] for side in (mine, theirs)]
    if all(both):
        found.append("both_proven")
    differ = {pair for pair in source.consents.keys() & target.consents.keys()
              if source.consents[pair].action != target.consents[pair].action}  # fmt: skip
    if differ:
        found.append("consents_differ")
    if source.restrictions != target.restrictions and (source.restrictions or target.restrictions):
        found.append("restrictions_spread")
    if source.holds or target.holds:
        found.append("holds_come_along")
    if earlier:
        found.append("earlier_not_undone")
    return tuple(found)


def separating_conflicts(state: PersonState, *, shared: bool) -> tuple[str, ...]:
    """What to know before one becomes two."""
    found = ["journal_stays"]
    if shared:
        found.append("shared_becomes_claimed")
    if state.restrictions:
        found.append("restrictions_copied")
    return tuple(found)


def after_joining(held: HeldIdentifier, target: Iterable[HeldIdentifier]) -> str:
    """What an identifier of the source is at the target: a proof goes along only where nothing else is proven."""
    there = list(target)
    same = next((one for one in there if (one.kind, one.tag) == (held.kind, held.tag)), None)
    if same is not None and same.state == "proven":
        return "proven"
    return held.state if not any(one.state == "proven" for one in there) else "claimed"


def count_parts(records: Iterable[HeldRecord]) -> tuple[tuple[str, str, int], ...]:
    """(purpose, category, how many)."""
    counts = Counter(held.compartment for held in records)
    return tuple((part.purpose, part.category, count) for part, count in sorted(counts.items()))


def count_rows(rows: Mapping[str, list[str]]) -> tuple[tuple[str, int], ...]:
    """(what, how many) of what a preview shows."""
    return tuple((COUNTED[name], len(rows[name])) for name in COUNTED if rows.get(name))


def digest(*seen: object) -> str:
    """What a preview showed, as a word: the act is refused when it would show something else by now."""
    return sha256(to_canonical_json([str(each) for each in seen])).hexdigest()[:32]
