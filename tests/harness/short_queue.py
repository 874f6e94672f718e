"""`omonat`, but few acts may wait for the one writer of SQLite: `python short_queue.py LENGTH COMMAND...`."""

import sys

from omonat.storage import writer


def main() -> None:
    """Shorten the queue, then be `omonat`."""
    writer.QUEUE_LENGTH = int(sys.argv[1])
    sys.argv = ["omonat", *sys.argv[2:]]
    from omonat.cli import main as omonat

    omonat()


if __name__ == "__main__":
    main()
