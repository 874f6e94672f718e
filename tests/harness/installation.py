"""A real installation, made and used through the command line only."""

import atexit
import getpass
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness import command
from harness.places import ISSUED_POLICY, OMONAT, POLICY
from omonat.storage import register

_UNSET = ("OMONAT_DEV", "OMONAT_SMTP_PASSWORD", "OMONAT_SMS_TOKEN", "OMONAT_CLOCK_SHIFT_DAYS",
          "PYTEST_CURRENT_TEST")  # fmt: skip


@dataclass(frozen=True)
class Installation:
    """`data` and `keys` lie beside each other in a folder of the test; `home` is an empty home folder."""

    data: Path
    keys: Path
    home: Path

    def run(
        self, *words: str | Path, stdin: str = "", fails: bool = False, env: dict[str, str] | None = None,
        here: bool = False,
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """`omonat --data DATA words...`; its standard output and error as text. Asserts success unless `fails`.

        `env`: set on top of a clean environment; `in_days` gives one for another day. `here`: within this process, for
        what is asked again and again: a start costs more than a second.
        """
        if here:
            said = command.omonat(*words, data=self.data, stdin=stdin)
            done = subprocess.CompletedProcess(list(map(str, words)), said.code, said.out, said.err)
        else:
            done = run_omonat(["--data", self.data, *words], home=self.home, stdin=stdin, env=env)
        assert bool(done.returncode) == fails, (
            f"omonat {words} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return done

    def json(self, *words: str | Path, **options: Any) -> Any:
        """What `omonat ... --json` prints, read; `options` as of `run`."""
        return json.loads(self.run(*words, "--json", **options).stdout)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """A read-only look into the data database, as somebody who holds the file has it (SQLite)."""
        return look(self.data / "omonat.db", statement, *values)

    def key_rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The same for the key store."""
        return look(self.keys / "keys.db", statement, *values)

    @contextmanager
    def as_account(self, *, roles: Sequence[str] = (), os_user: str = "") -> Iterator[None]:
        """The account of this operating-system user with other roles, or bound to another user (SQLite).

        Written into the file by its owner: the tests have no second operating-system user to be.
        """
        ((account, kept_roles, kept_user),) = self.rows("SELECT staff_id, roles, os_user FROM staff")
        self._set_account(account, json.dumps(roles) if roles else kept_roles, os_user or kept_user)
        try:
            yield
        finally:
            self._set_account(account, kept_roles, kept_user)

    def _set_account(self, account: object, roles: str, os_user: str) -> None:
        with closing(sqlite3.connect(self.data / "omonat.db", timeout=10)) as connection:
            register(connection)
            connection.execute("UPDATE staff SET roles = ?, os_user = ? WHERE staff_id = ?", (roles, os_user, account))
            connection.commit()

    def files(self) -> list[Path]:
        """Every file of it: both databases, their write-ahead logs, jobs, ledger, settings, output of servers."""
        return sorted(
            path for folder in (self.data, self.keys, self.home) for path in folder.rglob("*") if path.is_file()
        )


def clean_environment(home: Path) -> dict[str, str]:
    """The environment of a person who has set nothing."""
    kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
    return {**kept, "HOME": str(home), "PYTHONUNBUFFERED": "1", "COLUMNS": "120", "LC_ALL": "C.UTF-8"}


def in_days(days: float) -> dict[str, str]:
    """The environment of a machine whose clock is `days` ahead."""
    return {"OMONAT_DEV": "1", "OMONAT_CLOCK_SHIFT_DAYS": str(days)}


def look(path: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Rows of an SQLite file that somebody else may be writing to."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(statement, values).fetchall()


def run_omonat(
    words: Sequence[str | Path], *, home: Path, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The `omonat` command of this environment, to its end."""
    return subprocess.run(
        [OMONAT, *words],
        input=stdin,
        capture_output=True,
        text=True,
        env=clean_environment(home) | (env or {}),
        cwd=home,
        check=False,
    )


def new_installation(folder: Path, *, adopt: bool = True, database: str = "", keys_database: str = "") -> Installation:
    """`omonat init` with the real policy in force as 3.2, after the adopted 3.1 where its text is at hand.

    `adopt=False` leaves 3.1 out. The databases are URLs of a server; empty means SQLite, and then the folders are
    copies of ones that were made in this way once per process, because each command costs a second.
    """
    if database or keys_database:
        return _make(folder, adopt=adopt, database=database, keys_database=keys_database)
    made, template = _folders(folder), _template(adopt)
    shutil.copytree(template.data, made.data)
    shutil.copytree(template.keys, made.keys)
    settings = made.data / "omonat.toml"
    settings.write_text(settings.read_text("utf-8").replace(str(template.keys), str(made.keys)), "utf-8")
    return made


@cache
def _template(adopt: bool) -> Installation:
    folder = Path(tempfile.mkdtemp(prefix="omonat-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return _make(folder, adopt=adopt)


def _folders(folder: Path) -> Installation:
    home = folder / "home"
    home.mkdir(parents=True)
    return Installation(folder / "data", folder / "keys", home)


def _make(folder: Path, *, adopt: bool = True, database: str = "", keys_database: str = "") -> Installation:
    made = _folders(folder)
    words: list[str | Path] = ["init", "--data", made.data, "--keys", made.keys, "--admin", getpass.getuser()]
    words += ["--database", database] if database else []
    words += ["--keys-database", keys_database] if keys_database else []
    adopts = adopt and ISSUED_POLICY.exists()
    words += [] if adopts else ["--policy", POLICY]
    done = run_omonat(words, home=made.home)
    assert done.returncode == 0, done.stdout + done.stderr
    if adopts:
        adopt_and_publish(made)
    return made


def adopt_and_publish(installation: Installation) -> None:
    """Store the issued 3.1 as a past version, then publish our 3.2 on top of it."""
    known = ("--version", "3.1", "--issued-on", "2025-09-04", "--language", "uz-Latn")
    installation.run("policy", "adopt", ISSUED_POLICY, *known)
    installation.run("policy", "publish", POLICY, "--reason", "First version carried out by Omonat")
