"""A PostgreSQL of our own: Debian's binaries, a temporary folder, a loopback port, nothing kept."""

import shutil
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import MetaData, create_engine

from harness.places import find_program, free_port, user_for_postgres

_STARTS_WITHIN_SECONDS = 60
_QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")


class PostgresServer:
    """One server; `new_database` gives a fresh database of it. Durability is off: no test pulls its plug."""

    def __init__(self) -> None:
        self._user = user_for_postgres()
        self._folder = Path(tempfile.mkdtemp(prefix="omonat-postgres-"))
        if self._user:
            shutil.chown(self._folder, self._user)
        self._port = free_port()
        self._names = (f"test_{number}" for number in count(1))
        self._templates: dict[int, str] = {}
        self._run("initdb", "-D", str(self._data), "-U", "omonat", "--auth=trust", "-E", "UTF8", "--no-sync")
        self._process = self._start()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [_binary(program), *arguments],
            user=self._user,
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")

    def _start(self) -> subprocess.Popen[bytes]:
        settings = [word for setting in _QUICK for word in ("-c", setting)]
        where = ["-D", str(self._data), "-p", str(self._port), "-h", "127.0.0.1", "-k", str(self._folder)]
        with (self._folder / "server.log").open("wb") as log:
            process = subprocess.Popen(
                [_binary("postgres"), *where, *settings], user=self._user, cwd=self._folder, stdout=log, stderr=log
            )
        self._wait_for(process)
        return process

    def _wait_for(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + _STARTS_WITHIN_SECONDS
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
                return
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > end:
                    log = (self._folder / "server.log").read_text("utf-8", "replace")
                    raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
                time.sleep(0.05)

    def url(self, name: str) -> str:
        """`postgresql://...`, as a person would write it in `--database`."""
        return f"postgresql://omonat@127.0.0.1:{self._port}/{name}"

    def new_database(self, tables: MetaData | None = None) -> str:
        """The URL of a fresh database, with `tables` in it when given (copied from a template, which is quick)."""
        template = "template1" if tables is None else self._template(tables)
        name = next(self._names)
        self._create(name, template)
        return self.url(name)

    def _template(self, tables: MetaData) -> str:
        known = self._templates.get(id(tables))
        if known is None:
            known = self._templates[id(tables)] = f"template_{len(self._templates) + 2}"
            self._create(known, "template1")
            engine = create_engine(self.url(known).replace("postgresql:", "postgresql+psycopg:", 1))
            tables.create_all(engine)
            engine.dispose()
        return known

    def _create(self, name: str, template: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def stop(self) -> None:
        """End the server and remove everything of it."""
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _binary(program: str) -> str:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]))
    for folder in reversed(versions):
        if (folder / program).exists():
            return str(folder / program)
    return find_program(program, hint="On Debian: apt-get install postgresql. Or: make setup")
