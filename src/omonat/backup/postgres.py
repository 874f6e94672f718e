"""Copying PostgreSQL databases with its own programs, pg_dump and pg_restore."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import make_url

from omonat.kernel.errors import DiskFull, Misconfigured


def dump(url: str, target: Path) -> None:
    """Our tables as a folder of one moment, a file for each; the jobs' own schema is left out.

    Not compressed: then a block that has not changed is the same bytes again (`chunks`).
    """
    words = ("--format=directory", "--compress=0", "--schema=public", "--no-owner", "--no-privileges")
    _run("pg_dump", url, *words, f"--file={target}")
    target.chmod(0o700)
    for path in target.iterdir():
        path.chmod(0o600)
    _run("pg_restore", None, "--list", str(target))


def put_back(url: str, source: Path) -> None:
    """Replace our tables by those of a dump, in one transaction."""
    _run("pg_restore", url, "--clean", "--if-exists", "--no-owner", "--single-transaction", str(source))


def _run(program: str, url: str | None, *words: str) -> None:
    """The password goes through the environment: a command line can be read by everybody on the machine."""
    where, environment = _where(url) if url else ([], dict(os.environ))
    environment["LC_ALL"] = "C"  # its complaints are read
    done = subprocess.run(  # noqa: S603 - our own words and the operator's own URL
        [_program(program), *words, *where], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode and "No space left on device" in done.stderr:
        raise DiskFull()
    if done.returncode:
        raise Misconfigured(
            what=f"{program} failed with exit code {done.returncode}.",
            fix="Run it by hand against the database to see why; its text is not repeated here, it may hold values.",
        )


def _where(url: str) -> tuple[list[str], dict[str, str]]:
    parts = make_url(url)
    plain = parts.set(drivername="postgresql", password=None).render_as_string()
    password = {"PGPASSWORD": str(parts.password)} if parts.password else {}
    return [f"--dbname={plain}"], {**os.environ, **password}


def _program(name: str) -> str:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name.zfill(4))
    for folder in reversed(versions):
        if (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise Misconfigured(
            what=f"{name} is not installed, so a PostgreSQL database cannot be copied.",
            fix="On Debian: apt-get install postgresql-client",
        )
    return found
