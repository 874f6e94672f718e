"""A mailing to very many subscribers: looked through, and, for fewer of them, drawn and handed out.

    PYTHONPATH=tests .venv/bin/python bench/mailing.py [--people 1000000] [--drawn 20000]

Prints the rate and the peak memory of the process for each: the count (every subscriber decided on, with the reasons of
those who are left out), drawing (decided on twice, journalled, opened, packed), handing out (decided on once more).
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from harness.crowd import subscribe
from harness.installation import new_installation
from omonat.app import Omonat
from omonat.disclosure import packing
from omonat.disclosure.mailing import Mailing, Order

Made = TypeVar("Made")


def peak() -> int:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def timed(what: str, count: int, act: Callable[[], Made]) -> Made:
    """Carry out, and print how quickly."""
    began, busy = time.perf_counter(), time.process_time()
    made = act()
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    print(
        f"{what}: {count:,} in {seconds:.1f} s ({busy:.1f} s of processor), {count / seconds:,.0f}/s, peak {peak()} MB"
    )
    return made


def mailing_of(omonat: Omonat) -> Mailing:
    """News by e-mail, now."""
    order = Order(purpose="news", channel="email", actor="staff:bench", reason="bench", now=omonat.clock.now())
    return Mailing(omonat.database, omonat.vault, omonat.policies, order)


def count(omonat: Omonat, people: int) -> bool:
    """Look through everybody; whether the numbers are right."""
    agree = subscribe(omonat, people, sealed=False, every={"withdrawn": 10, "refused": 7})
    print(f"{people:,} subscribers made, peak {peak()} MB")
    calls: list[int] = []
    census = timed("counted", people, lambda: mailing_of(omonat).census(lambda done, _total: calls.append(done)))
    print(f"{census}, progress told {len(calls)} times")
    return census.may == agree


def draw(omonat: Omonat, people: int) -> bool:
    """Draw a list and hand it out; whether everybody is on it."""
    agree = subscribe(omonat, people, every={"withdrawn": 10})
    mailing = mailing_of(omonat)
    prepared = mailing.prepare()

    def pack() -> tuple[bytes, int]:
        return packing.pack(mailing.rows(prepared))

    packed, drawn = timed("drawn", len(prepared), pack)
    page_sizes: list[int] = []

    def hand_out() -> None:
        for page in packing.unpack(packed):
            page_sizes.append(len(mailing.still_allowed([subject_id for subject_id, _line in page])))

    timed("handed out", drawn, hand_out)
    print(f"{len(packed) / max(drawn, 1):.0f} bytes a person while the list lies")
    return drawn == agree == sum(page_sizes)


def main() -> int:
    """Measure, once; each part on an installation of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--drawn", type=int, default=20_000)
    asked = parser.parse_args()
    right = True
    for part, people in ((count, asked.people), (draw, asked.drawn)):
        with tempfile.TemporaryDirectory(prefix="omonat-bench-") as folder:
            omonat = Omonat.open(new_installation(Path(folder) / "installation").data)
            right = part(omonat, people) and right
            omonat.close()
    print("every number is right" if right else "WRONG NUMBERS")
    return int(not right)


if __name__ == "__main__":
    sys.exit(main())
