"""A program that the tests kill: a dispatcher whose works leave a trace of every beginning and ending.

Arguments: database URL, jobs URL, folder for traces, name of the node, seconds after which a claim is stale.
"""

import os
import signal
import sys
import time
from pathlib import Path

from omonat.jobs import Dispatcher, Options
from omonat.kernel.clock import Clock
from omonat.storage import Database, data_tables


def main(database_url: str, jobs_url: str, folder: str, node: str, stale_after: str) -> None:
    traces = Path(folder)

    def trace(word: str, name: str) -> None:
        with (traces / f"{name}.{word}").open("a") as file:
            file.write(f"{node}\n")

    def slow(payload: dict[str, str]) -> None:
        trace("begun", payload["id"])
        time.sleep(0.4)
        (traces / f"{payload['id']}.effect").write_text("there")  # idempotent: "ensure there"
        trace("ended", payload["id"])

    def deadly(payload: dict[str, str]) -> None:
        """Kills its own process when the effect is there and nobody knows it yet."""
        first = not (traces / f"{payload['id']}.effect").exists()
        slow(payload)
        if first:
            os.kill(os.getpid(), signal.SIGKILL)

    database = Database(database_url, data_tables)
    options = Options(threads=2, pauses=(0.2, 0.2), node=node, stale_after=float(stale_after))
    Dispatcher(database, jobs_url, {"slow": slow, "deadly": deadly}, clock=Clock(), options=options).start()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
