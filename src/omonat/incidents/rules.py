"""Pure rules of incidents: which step follows which, who is found."""

from collections.abc import Iterable, Mapping, Sequence

from omonat.incidents.model import KINDS, SEVERITIES, Assessment, Duty, Found, Search, State, WrongStep
from omonat.kernel.errors import InvalidInput
from omonat.kernel.ids import SubjectId

_STEPS: Mapping[tuple[str, str], State] = {
    ("detected", "assess"): "assessed",
    ("assessed", "assess"): "assessed",
    ("contained", "assess"): "contained",
    ("assessed", "contain"): "contained",
    ("contained", "tell"): "told",
    ("told", "close"): "closed",
}
"""`assess` may be repeated while more becomes known; nothing leads back from `told`."""


def state_after(state: str, act: str, duties: Sequence[Duty] = ()) -> State:
    """Raises WrongStep where `act` does not follow, or `tell` while a duty is undecided."""
    following = _STEPS.get((state, act))
    if following is None or (act == "tell" and any(duty.state == "open" for duty in duties)):
        raise WrongStep
    return following


def next_act(state: str) -> str:
    """The act that leads on, or nothing."""
    return {"detected": "assess", "assessed": "contain", "contained": "tell", "told": "close"}.get(state, "")


def check_assessment(made: Assessment, purposes: Iterable[str], categories: Iterable[str]) -> None:
    """Raises InvalidInput for a word that there is not."""
    problems = {}
    if made.severity not in SEVERITIES or made.severity == "unknown":
        problems["severity"] = "Choose how grave it is."
    if not made.kinds or not set(made.kinds) <= set(KINDS):
        problems["kinds"] = "Choose what happened."
    if not set(made.purposes) <= set(purposes) or not set(made.categories) <= set(categories):
        problems["categories"] = "The policy in force does not declare this."
    if made.happened_from and made.happened_until and made.happened_until < made.happened_from:
        problems["happened_until"] = "The end is before the beginning."
    if problems:
        raise InvalidInput(problems)


def check_search(search: Search) -> None:
    """Everything of a period is too much: one of the four is needed. Raises InvalidInput."""
    problems = {}
    if search.until < search.since:
        problems["until"] = "The end is before the beginning."
    if not (search.actor or search.purpose or search.category or search.recipient):
        problems["actor"] = "Name one of: who acted, purpose, category, recipient."
    if problems:
        raise InvalidInput(problems)


def count_found(
    journal: Iterable[tuple[SubjectId, Sequence[str]]], disclosures: Iterable[tuple[SubjectId, Sequence[str]]],
    category: str,
) -> list[Found]:  # fmt: skip
    """(person, categories) of entries, counted per person; `category` empty: every entry counts."""
    counts: dict[SubjectId, list[int]] = {}
    for place, rows in enumerate((journal, disclosures)):
        for subject_id, categories in rows:
            if not category or category in categories:
                counts.setdefault(subject_id, [0, 0])[place] += 1
    return [Found(subject_id, *counts[subject_id]) for subject_id in sorted(counts)]
