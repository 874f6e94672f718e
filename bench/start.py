"""How quickly `omonat serve` gives its first answer, and how much memory it holds when nobody asks anything.

Aim: under 2 s and under 150 MB (resident). The installation is a fresh one with the real policy, on SQLite. Figures of
a shared machine: compare only runs made side by side.
"""

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


def one_start(server: Server) -> tuple[float, float]:
    """Seconds to the first answer, megabytes a moment later."""
    server.stop()
    begun = time.perf_counter()
    server.start()
    seconds = time.perf_counter() - begun
    time.sleep(IDLE_SECONDS)
    return seconds, resident_megabytes(server.pid)


def main() -> int:
    """Print each run and the medians."""
    with tempfile.TemporaryDirectory(prefix="omonat-bench-") as folder:
        server = Server(new_installation(Path(folder) / "installation"))
        try:
            runs = [one_start(server) for _ in range(RUNS)]
        finally:
            server.stop()
    for number, (seconds, megabytes) in enumerate(runs, start=1):
        print(f"run {number}: first answer after {seconds:.2f} s, idle {megabytes:.0f} MB")
    seconds, megabytes = (median(values) for values in zip(*runs, strict=True))
    print(f"median of {RUNS}: first answer after {seconds:.2f} s, idle {megabytes:.0f} MB ({platform.machine()})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
