"""9.1 changes: published by an authorised person with a reason, immutable, compared clause by clause.

What a change would do to the data held (`omonat plan`) belongs to a later issue.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from harness.browser import OpenPage
from harness.installation import Installation
from harness.people import Visitor
from harness.places import ISSUED_POLICY
from harness.policy_folder import Folder
from harness.server import Server
from omonat.storage import register


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """Our folder as 3.3: support data kept for two years, and a word in clause 6.1 of the English text."""
    folder = Folder(tmp_path).change('number = "3.2"', 'number = "3.3"').change("1 year after", "2 years after")
    return folder.change("on protected servers", "on well protected servers", "text/en.md").path


def test_an_authorised_person_publishes_with_a_reason(
    server: Server, open_page: OpenPage, changed: Path
) -> None:  # fmt: skip
    installation = server.installation
    assert installation.run("policy", "publish", changed, fails=True).returncode == 2  # no reason
    with installation.as_account(roles=["support", "marketing", "administrator"]):
        installation.run("policy", "publish", changed, "--reason", "x", fails=True)
    installation.run("policy", "publish", changed, "--reason", "Longer support")
    last = installation.json("policy", "show", "--versions")[-1]
    assert (last["number"], last["reason"]) == ("3.3", "Longer support")
    assert last["author"]
    page = open_page(locale="en-US", phone=True)
    page.goto(f"{server.url}/en/policy/compare")
    shown = page.inner_text("main")
    assert "well" in page.inner_text("main ins >> nth=0") or "well" in shown
    assert "1 year" in shown
    assert "2 years" in shown
    kinds = [kind for (kind,) in installation.rows("SELECT kind FROM ledger_event ORDER BY event_id")]
    assert kinds.count("policy_published") >= 2
    installation.run("policy", "publish", changed, "--reason", "once more", fails=True)  # immutable


def test_the_issued_text_and_ours_can_be_compared(shared_server: Server, open_page: OpenPage) -> None:
    assert ISSUED_POLICY.exists(), f"The issued policy is not at {ISSUED_POLICY}."
    page = open_page(phone=True, java_script_enabled=False)
    page.goto(f"{shared_server.url}/uz-Latn/policy/versions")
    page.click("main a[href='/uz-Latn/policy/versions/3.1']")
    page.click("summary")
    words = "Mazkur Siyosat [O'zbekiston Respublikasining 2019-yil 2-iyuldagi"
    assert words in page.inner_text(".verbatim")
    page.goto(f"{shared_server.url}/uz-Latn/policy/compare?from=3.1&to=3.2")
    assert page.locator("article.change").count() > 5
    difference = shared_server.installation.json("policy", "diff", "3.1", "3.2")
    assert (difference["old"], difference["new"]) == ("3.1", "3.2")


def test_a_stored_version_that_was_changed_is_not_served(server: Server) -> None:
    database = server.installation.data / "omonat.db"
    columns = {name for _, name, *_ in server.installation.rows("PRAGMA table_info(policy_version)")}
    column = next(name for name in ("content", "canonical", "body", "document") if name in columns)
    server.stop()
    with closing(sqlite3.connect(database)) as connection:
        register(connection)
        ((content,),) = connection.execute(f"SELECT {column} FROM policy_version WHERE number = '3.2'").fetchall()
        changed = bytes(content).replace(b"309519699", b"309519690")
        assert changed != content
        connection.execute(f"UPDATE policy_version SET {column} = ? WHERE number = '3.2'", (changed,))
        connection.commit()
    server.start()
    answer = Visitor(server, "en").get("/policy")
    assert answer.status_code == 500
    assert "309519690" not in answer.text


def test_a_draft_that_is_wrong_is_not_published(installation: Installation, tmp_path: Path) -> None:
    folder = Folder(tmp_path).change('number = "3.2"', 'number = "3.3"')
    folder.change('keep = "1 year after collection"', "").change('grounds = ["law"]', "grounds = []")
    checked = installation.run("policy", "check", folder.path, fails=True)
    assert checked.stdout.count("policy.toml:") >= 2  # all errors at once, each with its line
    installation.run("policy", "publish", folder.path, "--reason", "x", fails=True)
    assert installation.json("policy", "show", "--versions")[-1]["number"] == "3.2"
