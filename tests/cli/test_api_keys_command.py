"""`omonat key`: make, list, rotate, revoke."""

import re

from harness.installation import Installation
from harness.programs import Program
from harness.server import Server

SECRET = re.compile(r"omk_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}")


def test_a_key_from_the_command_line_works_until_it_is_revoked(server: Server) -> None:
    installation = server.installation
    made = installation.run("key", "add", "site-forms", "--right", "collect")
    secret = made.stdout.strip()
    assert SECRET.fullmatch(secret)
    assert secret not in made.stderr
    assert Program(server, secret).get("/forms").status_code == 200
    (listed,) = installation.json("key", "list")
    assert (listed["name"], listed["prefix"]) == ("site-forms", secret[:12])
    assert secret not in str(listed)
    new = installation.run("key", "rotate", "site-forms", "--overlap", "0").stdout.strip()
    assert [Program(server, each).get("/forms").status_code for each in (secret, new)] == [401, 200]
    installation.run("key", "revoke", "site-forms")
    assert Program(server, new).get("/forms").status_code == 401


def test_a_key_that_reaches_far_needs_a_reason(installation: Installation) -> None:
    words = ("key", "add", "crm", "--right", "person.find", "--purpose", "support")
    refused = installation.run(*words, fails=True)
    assert "reason" in refused.stderr
    made = installation.json(*words, "--reason", "The CRM shows who calls.")  # nobody else is there to ask
    assert SECRET.fullmatch(made["secret"])
    assert made["key"]["created_by"].startswith("staff:")
    ((alone,),) = installation.rows("SELECT alone FROM approval WHERE kind = 'change_keys'")
    assert alone == 1


def test_what_is_no_right_is_refused(installation: Installation) -> None:
    refused = installation.run("key", "add", "crm", "--right", "everything", fails=True)
    assert "rights" in refused.stderr
