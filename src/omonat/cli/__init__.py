"""Floor 7: the command line (docs/cli.md lists every command and exit code).

`omonat [--data DIR] COMMAND`. Every act is an act of the staff account bound to the operating-system user; commands
that read people need `--purpose` and `--reason`. Data goes to standard output, as tables or with `--json`; progress,
questions and errors go to standard error.

Exit codes: 0 done; 1 refused, or something was found; 2 wrong usage; 3 not set up; 4 temporary, try again.
"""

import sys


def main() -> None:
    """The `omonat` program."""
    from omonat.cli.root import run

    sys.exit(run(sys.argv[1:]))
