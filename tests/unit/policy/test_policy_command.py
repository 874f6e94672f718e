"""`omonat policy` where it needs no installation: check a folder, show it, compare two folders."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from harness.places import POLICY
from harness.policy_folder import Folder
from omonat.cli.policy import policy


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(policy, [str(word) for word in words], obj=Path("nowhere"))


def test_a_whole_folder() -> None:
    done = run("check", POLICY)
    assert (done.exit_code, done.output) == (0, "Nothing is wrong.\n")


def test_findings_have_file_line_and_advice(tmp_path: Path) -> None:
    folder = Folder(tmp_path).change("{{cookies}}", "", "text/en.md")
    done = run("check", folder.path)
    assert done.exit_code == 1
    assert f"{folder.path}/text/en.md:1: missing_place:" in done.output
    assert "1 finding." in done.output
    found = json.loads(run("check", folder.path, "--json").output)
    assert set(found[0]) == {"file", "line", "code", "message", "what_to_do"}


def test_wrong_usage() -> None:
    assert run("check", "no-such-folder").exit_code == 2
    assert run("publish", POLICY).exit_code == 2


def test_a_folder_is_shown_as_what_it_would_become() -> None:
    assert "## 10. Contact" in run("show", POLICY).output
    assert json.loads(run("show", POLICY, "--json").output)["number"] == "3.2"


def test_two_folders_are_compared(tmp_path: Path) -> None:
    folder = Folder(tmp_path).change('number = "3.2"', 'number = "3.3"')
    folder.change('keep = "1 year after collection"', 'keep = "2 years after collection"')
    done = run("diff", POLICY, folder.path, "--language", "en")
    assert done.exit_code == 0
    assert "3.2 → 3.3" in done.output
    assert "1 year after collection → 2 years after collection" in done.output
    assert "[-1 year-] [+2 years+]" in done.output
    changed = json.loads(run("diff", POLICY, folder.path, "--json").output)
    assert {it["number"] for it in changed["clauses"] if it["kind"] != "same"} == {"", "6.3"}
