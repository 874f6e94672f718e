"""How quickly `omonat serve` gives its first answer, and how much memory it holds when nobody asks anything.

Aim: under 2 s and under 150 MB (resident). The installation is a fresh one with the real policy, on SQLite. On a shared
machine compare only runs made side by side; the seconds of processor time depend less on what else runs.
"""

import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from harness.installation import new_installation
from harness.server import Server

RUNS = 5
IDLE_SECONDS = 3


def resident_megabytes(pid: int) -> float:
    """Resident memory of a process and its children, from /proc."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return own * 1024 / 1e6 + sum(resident_megabytes(int(child)) for child in children)


def processor_seconds(pid: int) -> float:
    """Processor time that a process has used so far, from /proc."""
    after_name = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def one_start(server: Server) -> tuple[float, float, float]:
    """Seconds to the first answer, those of the processor among them, megabytes a moment later."""
    server.stop()
    begun = time.perf_counter()
    server.start()
    seconds, busy = time.perf_counter() - begun, processor_seconds(server.pid)
    time.sleep(IDLE_SECONDS)
    return seconds, busy, resident_megabytes(server.pid)


def line(seconds: float, busy: float, megabytes: float) -> str:
    """The figures of a start as people read them."""
    return f"first answer after {seconds:.2f} s ({busy:.2f} s processor time), idle {megabytes:.0f} MB"


def main() -> int:
    """Print each run and the medians."""
    with tempfile.TemporaryDirectory(prefix="omonat-bench-") as folder:
        server = Server(new_installation(Path(folder) / "installation"))
        try:
            runs = [one_start(server) for _ in range(RUNS)]
        finally:
            server.stop()
    for number, run in enumerate(runs, start=1):
        print(f"run {number}: {line(*run)}")
    middle = [median(values) for values in zip(*runs, strict=True)]
    print(f"median of {RUNS}: {line(*middle)} ({platform.machine()}, load {os.getloadavg()[0]:.1f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
