"""Pure rules of the card and of likely matches (clauses 3.1, 6.2)."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from omonat.grounds import Asked, PersonState, decide
from omonat.keystore import Compartment
from omonat.people.model import Shared
from omonat.policy import Policy
from omonat.vault import HeldRecord

SEARCHES_AN_HOUR = 30
OPENINGS_AN_HOUR = 60
REASON_LENGTH = 200


def may_open(policy: Policy, person: PersonState, held: Iterable[HeldRecord], purpose: str, now: datetime) -> list[str]:
    """The categories of a purpose that may be read, sorted: what the journal line names."""
    asked = {one.category for one in held if one.purpose == purpose and not one.is_due(now)}
    return sorted(
        category
        for category in asked
        if decide(policy, person, Asked(operation="read", purpose=purpose, category=category), now=now).allowed
    )


class Masks:
    """Why a record stays closed, one decision for each part: for one member, one stated purpose, one moment."""

    def __init__(
        self, policy: Policy, person: PersonState, *, purpose: str, role: Collection[str], covered: Collection[str],
        has_key: Callable[[Compartment], bool], now: datetime,
    ) -> None:  # fmt: skip
        self._policy, self._person, self._now = policy, person, now
        self._purpose, self._role, self._covered, self._has_key = purpose, role, covered, has_key
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, held: HeldRecord) -> tuple[str, ...]:
        """Codes of why it is masked; none: it may be shown."""
        if held.is_due(self._now):
            kept = any(hold.covers(held.purpose, held.category) for hold in self._person.holds)
            return ("kept_by_law",) if kept else ("term_over",)
        if not self._has_key(held.compartment):
            return ("erased",)
        if held.purpose != self._purpose:
            return ("another_purpose",) if held.purpose in self._role else ("not_your_purpose",)
        if held.category not in self._known:
            self._known[held.category] = self._decide(held.category)
        return self._known[held.category]

    def _decide(self, category: str) -> tuple[str, ...]:
        asked = Asked(operation="read", purpose=self._purpose, category=category)
        decision = decide(self._policy, self._person, asked, now=self._now)
        if not decision.allowed:
            return tuple(reason.code for reason in decision.reasons)
        return () if category in self._covered else ("not_journalled",)


def weigh(
    shared: Iterable[Shared], *, here: set[tuple[str, bytes]], there: set[tuple[str, bytes]]
) -> tuple[list[str], list[str]]:  # fmt: skip
    """(what speaks for one person, what against): words. `here`, `there`: what each has proven."""
    speaks_for: list[str] = []
    speaks_against: list[str] = []
    for one in shared:
        both = one.here == one.there == "proven"
        either = "proven" in (one.here, one.there)
        speaks_for.append(f"{one.kind}_{'both_proven' if both else 'one_proven' if either else 'both_claimed'}")
    for kind in ("email", "phone"):
        mine, theirs = ({tag for each, tag in proven if each == kind} for proven in (here, there))
        if mine and theirs and not mine & theirs:
            speaks_against.append(f"other_{kind}_proven")
    if not any("proven" in (one.here, one.there) for one in shared):
        speaks_against.append("nothing_proven")
    return speaks_for, speaks_against
