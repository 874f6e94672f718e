"""`omonat staff sign-in-link`: how a locked-out administrator comes in again (6.2)."""

import re

import pytest
from web.signing_world import WORDS, new_account

from harness.people import Visitor
from harness.server import Server
from omonat.web import cookies


@pytest.fixture
def lost(server: Server) -> str:
    """Somebody whose password is known to a thief, and whose phone is gone."""
    new_account(server, "Dilnoza", "support")
    return "Dilnoza"


def test_a_link_lets_in_once_and_ends_what_was_before(server: Server, lost: str) -> None:
    thief = Visitor(server, "en")
    thief.send("/console/sign-in", name=lost, password=WORDS)
    assert thief.get("/console/account").url.path == "/en/console/account"
    link = server.installation.run("staff", "sign-in-link", lost, "--language", "en").stdout
    found = re.search(r"/console/invitation/\S+", link)
    assert found
    member = Visitor(server, "en")
    done = member.send(found[0], new_password="besh oq kaptar uchdi")
    assert done.url.path == "/en/console/account" and cookies.STAFF in member.cookies
    assert thief.get("/console/account").url.path == "/en/console/sign-in"
    assert Visitor(server, "en").send("/console/sign-in", name=lost, password=WORDS).status_code == 422
    again = Visitor(server, "en")
    assert "new_password" not in again.get(found[0]).text


def test_only_who_administers_the_staff_makes_a_link(server: Server) -> None:
    with server.installation.as_account(roles=["support"]):
        new_account(server, "Dilnoza", "support")
        refused = server.installation.run("staff", "sign-in-link", "Dilnoza", fails=True)
    assert "staff.administer" in refused.stderr and "/invitation/" not in refused.stdout


def test_a_name_that_there_is_not_is_said(server: Server) -> None:
    refused = server.installation.run("staff", "sign-in-link", "Nobody", fails=True)
    assert "There is nothing here." in refused.stderr
