"""The same program on PostgreSQL, both databases on the server: the way from a form to a certificate, from outside."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from harness.installation import new_installation
from harness.people import Visitor, case_of, invent
from harness.postgres import PostgresServer
from harness.server import Server


@pytest.fixture
def databases(postgres: PostgresServer) -> tuple[str, str]:
    return postgres.new_database(), postgres.new_database()


@pytest.fixture
def server(databases: tuple[str, str], tmp_path: Path) -> Iterator[Server]:
    data, keys = databases
    running = Server(new_installation(tmp_path / "installation", database=data, keys_database=keys))
    yield running
    running.stop()


def dump(url: str) -> str:
    """Every row of every table, as text; bytes in hex."""
    with psycopg.connect(url) as connection:
        names = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return "\n".join(
            str(row)
            for name in names
            for row in connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name)))
        )


def test_from_a_form_to_a_certificate(server: Server, databases: tuple[str, str]) -> None:
    person, visitor = invent(), Visitor(server)
    sent = visitor.send_form(
        "contact", {"name": person.name, "email": person.email, "message": "Salom"}, news=["email"]
    )
    case_id = case_of(sent)
    assert server.installation.json("case", "show", case_id)["state"] == "open"

    visitor.sign_in(person.email)
    assert person.name in visitor.get("/my").text
    words = ("mailing", "list", "--purpose", "news", "--channel", "email", "--reason", "test")
    assert person.email in server.installation.run(*words).stdout
    shown = server.installation.run("person", "show", "--email", person.email, "--purpose", "support", "--reason", "x")
    assert person.name in shown.stdout

    for url in databases:
        assert person.name not in dump(url)
        assert person.email not in dump(url)

    done = visitor.send("/my/delete", sure="on")
    assert done.status_code == 200
    fails = ("person", "show", "--email", person.email, "--purpose", "support", "--reason", "x")
    server.installation.run(*fails, fails=True)


def test_a_killed_server_loses_nothing_that_it_answered(server: Server) -> None:
    person = invent()
    sent = Visitor(server).send_form("callback", {"name": person.name, "phone": person.phone})
    server.kill9()
    server.restart()
    assert server.installation.json("case", "show", case_of(sent))["kind"] == "contact"
    assert server.installation.run("verify").returncode == 0
    found = server.installation.json("doctor")
    assert {each["check"] for each in found if each["state"] != "good"} == {"channels", "address", "pages"}
