"""A real installation, made and used through the command line only."""

import getpass
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.places import ISSUED_POLICY, OMONAT, POLICY

_UNSET = ("OMONAT_DEV", "OMONAT_SMTP_PASSWORD", "OMONAT_SMS_TOKEN", "PYTEST_CURRENT_TEST")


@dataclass(frozen=True)
class Installation:
    """`data` and `keys` lie beside each other in a folder of the test; `home` is an empty home folder."""

    data: Path
    keys: Path
    home: Path

    def run(self, *words: str | Path, stdin: str = "", fails: bool = False) -> subprocess.CompletedProcess[str]:
        """`omonat --data DATA words...`; its standard output and error as text. Asserts success unless `fails`."""
        done = run_omonat(["--data", self.data, *words], home=self.home, stdin=stdin)
        assert bool(done.returncode) == fails, (
            f"omonat {words} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return done

    def files(self) -> list[Path]:
        """Every file of it: both databases, their write-ahead logs, jobs, ledger, settings, output of servers."""
        return sorted(
            path for folder in (self.data, self.keys, self.home) for path in folder.rglob("*") if path.is_file()
        )


def clean_environment(home: Path) -> dict[str, str]:
    """The environment of a person who has set nothing."""
    kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
    return {**kept, "HOME": str(home), "PYTHONUNBUFFERED": "1", "COLUMNS": "120", "LC_ALL": "C.UTF-8"}


def run_omonat(words: Sequence[str | Path], *, home: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """The `omonat` command of this environment, to its end."""
    return subprocess.run(
        [OMONAT, *words],
        input=stdin,
        capture_output=True,
        text=True,
        env=clean_environment(home),
        cwd=home,
        check=False,
    )


def new_installation(folder: Path, *, adopt: bool = True, database: str = "", keys_database: str = "") -> Installation:
    """`omonat init` with the real policy in force as 3.2, after the adopted 3.1 where its text is at hand.

    `adopt=False` leaves 3.1 out: a little quicker. The databases are URLs of a server; empty means SQLite.
    """
    home = folder / "home"
    home.mkdir(parents=True)
    made = Installation(folder / "data", folder / "keys", home)
    words: list[str | Path] = ["init", "--data", made.data, "--keys", made.keys, "--admin", getpass.getuser()]
    words += ["--database", database] if database else []
    words += ["--keys-database", keys_database] if keys_database else []
    adopts = adopt and ISSUED_POLICY.exists()
    words += [] if adopts else ["--policy", POLICY]
    done = run_omonat(words, home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    if adopts:
        adopt_and_publish(made)
    return made


def adopt_and_publish(installation: Installation) -> None:
    """Store the issued 3.1 as a past version, then publish our 3.2 on top of it."""
    known = ("--version", "3.1", "--issued-on", "2025-09-04", "--language", "uz-Latn")
    installation.run("policy", "adopt", ISSUED_POLICY, *known)
    installation.run("policy", "publish", POLICY, "--reason", "First version carried out by Omonat")
