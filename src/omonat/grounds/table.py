"""Decisions in bulk: everybody's answers from a snapshot, each answer worked out once (clauses 3.1, 4.1, 7.1 c).

There is one rule, `decide`, and this is only its memory. What it looks at in a person is one of few *classes* (which
consents stand, which grounds are held, what is restricted), so an answer per question and class serves everybody of
that class. An answer is an id; `answer(id)` is the decision with its reasons.

A snapshot is what was so at one moment, for previews and programs that ask. It is never a permission: a door asks
`decide` again with the state that its own transaction sees, so a withdrawal is effective in every node at once.
"""

import threading
from array import array
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from omonat.grounds.model import Asked, ConsentState, Decision, PersonState
from omonat.grounds.rules import decide
from omonat.kernel.ids import SubjectId
from omonat.policy import Policy

PAST = datetime(1970, 1, 1, tzinfo=UTC)
"""The moment of everything in a reduced state: what is over was over then, and nothing else ever is."""
Words = tuple[str | None, ...]


def reduced(person: PersonState, now: datetime) -> PersonState:
    """The same to `decide` at `now`, without what differs from person to person: moments become before or after.

    Holds go: they keep data from being destroyed (`retention`), and carry or hinder no operation.
    """
    consents = {pair: _without_moments(consent, now) for pair, consent in person.consents.items()}
    return msgspec.structs.replace(person, consents=consents, holds=())


def _without_moments(consent: ConsentState, now: datetime) -> ConsentState:
    is_over = consent.expires_at is not None and consent.expires_at <= now
    return msgspec.structs.replace(consent, at=PAST, expires_at=PAST if is_over else None)


class AnswerTable:
    """What `decide` said under one policy, by class of person and question. Grows as it is asked; safe in threads."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._lock = threading.Lock()
        self._classes: dict[object, int] = {}
        self._by_words: dict[Words, int] = {}
        self._states: list[PersonState] = []
        self._answers: list[Decision] = []
        self._answer_ids: dict[Decision, int] = {}
        self._columns: dict[Asked, list[int]] = {}

    @property
    def size(self) -> int:
        """How many classes of people it has met."""
        return len(self._states)

    def class_of(self, person: PersonState, now: datetime) -> int:
        """The class of a person at `now`."""
        return self._class_of_reduced(reduced(person, now))

    def class_of_words(self, words: Words, read: Callable[[Words], PersonState]) -> int:
        """The class of a person who came as words of a row; `read` makes the reduced state of them, once per kind."""
        found = self._by_words.get(words)
        if found is None:
            found = self._by_words[words] = self._class_of_reduced(read(words))
        return found

    def _class_of_reduced(self, person: PersonState) -> int:
        key = (person.state, frozenset(person.consents.items()), person.restrictions, person.grounds, person.contract)
        with self._lock:
            if key not in self._classes:
                self._states.append(person)
                self._classes[key] = len(self._states) - 1
            return self._classes[key]

    def column(self, asked: Asked) -> Sequence[int]:
        """The id of the answer for every class met so far. Do not change it."""
        column = self._columns.get(asked)
        if column is None or len(column) < len(self._states):
            with self._lock:
                column = self._columns.setdefault(asked, [])
                for person in self._states[len(column) :]:
                    column.append(self._answer_id(decide(self.policy, person, asked, now=PAST)))
        return column

    def answer(self, answer_id: int) -> Decision:
        """The decision behind an id, with its reasons."""
        return self._answers[answer_id]

    def _answer_id(self, decision: Decision) -> int:
        found = self._answer_ids.get(decision)
        if found is None:
            self._answers.append(decision)
            found = self._answer_ids[decision] = len(self._answers) - 1
        return found


class Snapshot:
    """People and their classes as one moment had them. `classes` in the order of `people`."""

    def __init__(self, table: AnswerTable, people: Mapping[SubjectId, int]) -> None:
        self.table = table
        self._people = people
        self._classes = array("L", people.values())

    def __len__(self) -> int:
        return len(self._classes)

    @property
    def people(self) -> Sequence[SubjectId]:
        """Whose answers `answers` gives, in its order."""
        return list(self._people)

    def may(self, subject_id: SubjectId, asked: Asked) -> Decision:
        """The answer for one person. Raises KeyError for somebody who is not in the snapshot."""
        table = self.table
        return table.answer(table.column(asked)[self._people[subject_id]])

    def answers(self, asked: Asked) -> list[int]:
        """The id of everybody's answer, in the order of `people`."""
        return list(map(self.table.column(asked).__getitem__, self._classes))

    def answers_for(self, people: Sequence[SubjectId], asked: Asked) -> list[int]:
        """The same for a list of one's own, in its order. Raises KeyError for somebody who is not in the snapshot."""
        column, classes = self.table.column(asked), self._people
        return [column[classes[subject_id]] for subject_id in people]
