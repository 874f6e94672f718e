"""Several acts at once."""

import threading
from collections.abc import Callable

from omonat.kernel.errors import OmonatError


def race(*acts: Callable[[], object]) -> list[object]:
    """Run them at once; what each returned or raised."""
    outcomes: list[object] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(index: int, act: Callable[[], object]) -> None:
        gate.wait()
        try:
            outcomes[index] = act()
        except OmonatError as error:
            outcomes[index] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
