"""What the door *collect* makes of values: the decision on each, the sealed record, the claimed identifier."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import NamedTuple

from omonat.grounds import Asked, Decision, PersonState, decide
from omonat.kernel.errors import Denied
from omonat.kernel.ids import IdentifierId, RecordId, new_id
from omonat.keystore import Compartment, SubjectKeys
from omonat.policy import Policy
from omonat.vault.model import HeldIdentifier, HeldRecord, Origin, Value
from omonat.vault.sealing import seal_value

FRESH = PersonState(state="active")
"""Of somebody who came to be in this very transaction nothing else is known."""


class Brought(NamedTuple):
    """What one person brings."""

    keys: SubjectKeys
    values: tuple[Value, ...]
    origin: Origin


class Collecting:
    """One act of collecting, of one person or of many: decides, seals, and holds what is to be stored."""

    def __init__(self, policy: Policy, tag: Callable[[str, str], bytes | None], now: datetime) -> None:
        self.records: list[HeldRecord] = []
        self.identifiers: list[HeldIdentifier] = []
        self.made: list[list[RecordId]] = []
        self._policy = policy
        self._tag = tag
        self._now = now
        self._keep_until = cache(lambda part: policy.keep_for(*part).end(now, "collection"))
        self._fresh = cache(lambda asked: decide(policy, FRESH, asked, now=now))

    def add(self, brought: Brought, person: PersonState, named: list[HeldIdentifier]) -> None:
        """Decide on each value and seal it. Raises Denied. `named`: the identifiers that the person names already."""
        known = {(held.kind, held.tag) for held in named}
        made = []
        for value in brought.values:
            origin = brought.origin
            asked = Asked(operation="collect", purpose=origin.purpose, category=value.category, ground=origin.ground)
            decision = self._decided(person, asked)
            if not decision.allowed:
                raise Denied(reasons=decision.codes())
            held = self._sealed(brought, value)
            self.records.append(held)
            made.append(held.record_id)
            if held.tag is not None and (value.kind, held.tag) not in known:
                known.add((value.kind, held.tag))
                self.identifiers.append(self._claimed(held, value.kind, held.tag))
        self.made.append(made)

    def _decided(self, person: PersonState, asked: Asked) -> Decision:
        """Of people of whom nothing is known, equal questions have equal answers."""
        if person is FRESH:
            fresh: Decision = self._fresh(asked)
            return fresh
        return decide(self._policy, person, asked, now=self._now)

    def _sealed(self, brought: Brought, value: Value) -> HeldRecord:
        keys, origin, record_id = brought.keys, brought.origin, RecordId(new_id())
        part, text = Compartment(origin.purpose, value.category), value.text.reveal()
        key_id, sealed_value = seal_value(keys, record_id, part, text)
        return HeldRecord(
            subject_id=keys.subject_id, record_id=record_id, submission_id=origin.submission_id,
            case_id=origin.case_id, purpose=origin.purpose, category=value.category, field=value.field,
            ground=origin.ground, source=origin.source, key_id=key_id, sealed_value=sealed_value,
            tag=self._tag(value.kind, text), collected_at=self._now,
            keep_until=self._keep_until(part),
        )  # fmt: skip

    def _claimed(self, held: HeldRecord, kind: str, tag: bytes) -> HeldIdentifier:
        """A typed identifier is claimed, never more; a subject names one value once."""
        return HeldIdentifier(
            subject_id=held.subject_id, identifier_id=IdentifierId(new_id()), kind=kind, tag=tag, state="claimed",
            record_id=held.record_id, claimed_at=self._now, proven_at=None,
        )  # fmt: skip
