"""`omonat webhook` on the command line."""

import re

from harness.installation import Installation
from omonat.webhooks import EVENTS

IN_DEVELOPMENT = {"OMONAT_DEV": "1"}


def test_added_listed_and_tested(installation: Installation) -> None:
    assert "There is no webhook." in installation.run("webhook", "list").stdout
    added = installation.run(
        "webhook", "add", "https://crm.example.uz/omonat", "--event", "case.opened", "--about", "CRM"
    )
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", added.stdout)
    assert secret
    (row,) = installation.json("webhook", "list")
    assert row["url"] == "https://crm.example.uz/omonat" and row["events"] == ["case.opened"] and row["waiting"] == 0
    assert secret[0] not in installation.run("webhook", "list", "--json").stdout
    installation.run("webhook", "test", row["endpoint_id"])
    assert installation.json("webhook", "list")[0]["waiting"] == 1
    assert installation.rows("SELECT kind FROM outbox WHERE kind = 'webhook'") == [("webhook",)]


def test_refused_with_what_to_do(installation: Installation) -> None:
    refused = installation.run("webhook", "add", "http://127.0.0.1/x", fails=True)
    assert refused.returncode == 1 and "https only" in refused.stderr
    made = installation.json("webhook", "add", "http://127.0.0.1/x", env=IN_DEVELOPMENT)
    assert made["secret"].startswith("whsec_")
    assert installation.json("webhook", "list")[0]["events"] == list(EVENTS)
    assert installation.run("webhook", "test", "01a20511-0000-7000-8000-000000000000", fails=True).returncode == 1


def test_only_whoever_may(installation: Installation) -> None:
    with installation.as_account(roles=["support"]):
        assert installation.run("webhook", "list", fails=True).returncode == 1
