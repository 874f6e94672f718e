"""Decisions per second in process: everybody's answers from a snapshot, one answer, and the rule itself.

    PYTHONPATH=tests .venv/bin/python bench/decide.py [--people 100000]

Aim: 1,000,000 decisions a second on one core for 100,000 people and six purposes, one decision under 5 µs.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from harness.crowd import subscribe
from harness.installation import new_installation
from harness.places import POLICY
from omonat.app import Omonat
from omonat.grounds import AnswerTable, Asked, ConsentState, PersonState, Snapshot, decide
from omonat.kernel.ids import SubjectId, new_id
from omonat.policy import draft

NOW = datetime.now(UTC)


def people_of(count: int) -> list[tuple[SubjectId, PersonState]]:
    """People of many kinds, each with moments of his own."""
    chosen = random.Random(7)
    grounds = [("news", "consent"), ("contract", "contract"), ("support", "consent"), ("services", "contract")]
    made = []
    for _ in range(count):
        at = NOW - timedelta(seconds=chosen.randrange(10**8))
        consents = {
            pair: ConsentState(chosen.choice(["granted", "withdrawn", "refused"]), at, at + timedelta(days=1095), "3.2")
            for pair in [("news", "email"), ("news", "sms"), ("support", "form"), ("improve", "web")]
            if chosen.random() < 0.5
        }
        held = frozenset(one for one in grounds if chosen.random() < 0.5)
        made.append((SubjectId(new_id()), PersonState(state="active", consents=consents, grounds=held)))
    return made


def median_microseconds(act: Callable[[int], object], count: int) -> float:
    """Of single calls, the clock's own time included."""
    took = []
    for number in range(count):
        began = time.perf_counter_ns()
        act(number)
        took.append(time.perf_counter_ns() - began)
    return median(took) / 1000


def in_process(count: int) -> bool:
    """Print the figures; whether the snapshot says what the rule says."""
    policy = draft(POLICY, NOW).facts
    people, table = people_of(count), AnswerTable(policy)
    began = time.process_time()
    snapshot = Snapshot(table, {who: table.class_of(state, NOW) for who, state in people})
    print(f"snapshot of {count:,} people in {time.process_time() - began:.2f} s: {table.size} classes")
    asked = [
        Asked(operation="use", purpose=name, category=one.categories[0], channel=next(iter(one.channels), None))
        for name, one in policy.purposes.items()
    ]
    answers = [snapshot.answers(one) for one in asked]  # each class is decided on once
    began = time.process_time()
    answers = [snapshot.answers(one) for one in asked]
    rate = count * len(asked) / (time.process_time() - began)
    print(f"batch: {rate:,.0f} decisions a second of processor, for {len(asked)} purposes")
    single = median_microseconds(lambda n: snapshot.may(people[n][0], asked[n % len(asked)]), count)
    rule = median_microseconds(lambda n: decide(policy, people[n][1], asked[n % len(asked)], now=NOW), count)
    print(f"one decision: {single:.2f} µs median from the snapshot, {rule:.2f} µs by the rule itself")
    return all(
        table.answer(answers[place][n]) == decide(policy, people[n][1], one, now=NOW)
        for place, one in enumerate(asked)
        for n in range(0, count, 97)
    )


def from_database(count: int) -> bool:
    """How quickly a snapshot of people comes out of the database."""
    with tempfile.TemporaryDirectory(prefix="omonat-bench-") as folder:
        omonat = Omonat.open(new_installation(Path(folder) / "installation").data)
        subscribe(omonat, count, sealed=False, every={"withdrawn": 10})
        with omonat.database.read() as tx:
            from sqlalchemy import select

            from omonat.storage.schema import subject

            people = [SubjectId(row.subject_id) for row in tx.execute(select(subject.c.subject_id))]
            began = time.process_time()
            snapshot = omonat.vault.snapshot(tx, people, omonat.clock.now())
            seconds = time.process_time() - began
        print(f"from SQLite: {count / seconds:,.0f} people a second of processor")
        omonat.close()
        return len(snapshot) == count


def main() -> int:
    """Measure, once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    asked = parser.parse_args()
    right = in_process(asked.people) and from_database(min(asked.people, 20_000))
    print("every answer is right" if right else "WRONG ANSWERS")
    return int(not right)


if __name__ == "__main__":
    sys.exit(main())
