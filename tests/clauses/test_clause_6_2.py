"""6.2 necessary measures: roles limit access, each read is seen by the person, tampering and restores are caught."""

import getpass
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from harness.installation import Installation
from harness.people import Invented, Visitor, invent
from harness.places import POLICY
from harness.server import Server
from omonat.storage import register


@pytest.fixture
def person(server: Server) -> Invented:
    person = invent()
    visitor = Visitor(server)
    visitor.send_form("callback", {"name": person.name, "phone": person.phone})
    return person


def _read(person: Invented) -> tuple[str, ...]:
    return ("person", "show", "--phone", person.phone, "--purpose", "support", "--reason", "call of 3 May")


def test_roles_limit_what_staff_may_do(installation: Installation, person: Invented) -> None:
    with installation.as_account(roles=["marketing"]):
        refused = installation.run(*_read(person), fails=True)
        assert person.phone not in refused.stdout + refused.stderr
        installation.run("policy", "publish", POLICY, "--reason", "y", fails=True)
        installation.run("person", "erase", "--phone", person.phone, "--yes", fails=True)
        installation.run("stats")
    with installation.as_account(roles=["support"]):
        assert person.phone in installation.run(*_read(person)).stdout
        installation.run("retention", "sweep", fails=True)


def test_somebody_without_an_account_may_do_nothing(installation: Installation, person: Invented) -> None:
    with installation.as_account(os_user="somebody-else"):
        for claims in ({}, {"LOGNAME": "somebody-else", "USER": "somebody-else"}):
            refused = installation.run(*_read(person), fails=True, env=claims)
            assert person.phone not in refused.stdout + refused.stderr
        installation.run("stats", fails=True)


def test_an_account_that_was_deactivated_may_do_nothing(installation: Installation, person: Invented) -> None:
    installation.run("staff", "add", "Ann", "--role", "administrator")
    installation.run("staff", "deactivate", getpass.getuser())
    assert person.phone not in installation.run(*_read(person), fails=True).stdout


def test_each_read_by_staff_is_seen_by_the_person(server: Server, person: Invented) -> None:
    server.installation.run(*_read(person))
    visitor = Visitor(server, "en")
    visitor.sign_in(person.phone)
    shown = visitor.get("/my").text
    assert getpass.getuser() in shown
    file = visitor.send("/my/download", shown_at="/my", format="json").json()
    (read,) = [line for line in file["journal"] if line["operation"] == "read"]
    assert (read["actor"], read["purpose"], read["reason"]) == (
        f"staff:{getpass.getuser()}", "support", "call of 3 May",
    )  # fmt: skip
    refused = visitor.send("/my/stop/suspend", shown_at="/my/stop")
    assert refused.status_code == 200
    server.installation.run(*_read(person), fails=True)


def test_a_changed_entry_is_found(server: Server, person: Invented) -> None:
    installation = server.installation
    assert person.phone
    server.stop()
    installation.run("verify")
    with closing(sqlite3.connect(installation.data / "omonat.db")) as connection:
        register(connection)
        connection.execute("UPDATE ledger_event SET body = replace(body, 'callback', 'contact') WHERE kind='collected'")
        connection.commit()
    assert installation.run("verify", fails=True).returncode == 1


def test_a_cut_end_is_found_against_an_older_checkpoint(server: Server, person: Invented, tmp_path: Path) -> None:
    """Whoever owns folder and key can put yesterday's folder back: then only a checkpoint kept elsewhere shows it."""
    installation, old = server.installation, tmp_path / "checkpoint"
    server.stop()
    shutil.copytree(installation.data, tmp_path / "yesterday")
    server.start()
    Visitor(server).send_form("callback", {"name": person.name, "phone": invent().phone})
    server.stop()
    installation.run("verify", "--save", old)
    shutil.rmtree(installation.data)
    shutil.copytree(tmp_path / "yesterday", installation.data)
    installation.run("verify")
    assert installation.run("verify", "--checkpoint", old, fails=True).returncode == 1


def test_a_restored_backup_does_not_bring_the_erased_back(server: Server, person: Invented, tmp_path: Path) -> None:
    installation, other = server.installation, invent()
    Visitor(server).send_form("callback", {"name": other.name, "phone": other.phone})
    installation.run("backup", "--to", tmp_path / "data", "--keys-to", tmp_path / "keys")
    installation.run("person", "erase", "--phone", person.phone, "--yes")
    server.stop()
    installation.run("restore", "--from", tmp_path / "data", "--keys-from", tmp_path / "keys", "--yes")
    assert person.phone not in installation.run(*_read(person), fails=True).stdout
    assert other.phone in installation.run(*_read(other)).stdout
    server.start()
    assert "Ism" in Visitor(server).get("/callback").text
    installation.run("verify")
    installation.run("doctor")
