"""Where things are, free ports, and finding programs of the system."""

import os
import pwd
import shutil
import socket
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
POLICY = REPOSITORY / "policies" / "iptelefoniya"
ISSUED_POLICY = REPOSITORY.parent / "shared" / "policy-3.1.uz-Latn.md"
"""The text that the company issued as 3.1. It is not part of the repository; what needs it says so."""

OMONAT = Path(sys.executable).with_name("omonat")


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def find_program(*names: str, hint: str) -> str:
    """The first of `names` on the PATH. Raises with `hint`: a missing program fails a test, it never skips it."""
    for name in names:
        if found := shutil.which(name):
            return found
    raise RuntimeError(f"None of {', '.join(names)} is installed. {hint}")


def user_for_postgres() -> str | None:
    """initdb refuses root: then everything of PostgreSQL runs as `postgres`. None: as ourselves."""
    if os.getuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise RuntimeError("Root cannot run PostgreSQL and there is no user postgres. Run: make setup") from None
