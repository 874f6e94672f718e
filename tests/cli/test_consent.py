"""`omonat consent`: import, export, show-text, from outside."""

import csv
import json
from hashlib import sha256
from pathlib import Path

from harness.installation import Installation
from omonat.consent import IMPORT_COLUMNS


def test_import_export_and_the_text_behind_a_hash(installation: Installation, tmp_path: Path) -> None:
    text = "Men xabar olishga roziman.\nOʻzim soʻradim."
    good = ("ali@example.uz", "news", "email", "2026-10-01", "sms", "uz-Latn", text, "sms-77", "", "", "", "")
    file = tmp_path / "consents.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([IMPORT_COLUMNS, good, ("wrong", *good[1:])])
    dry = installation.run("consent", "import", file, "--dry-run", fails=True)
    assert "1 would be taken, 0 taken before, 1 refused." in dry.stdout
    assert "wrong_address" in dry.stderr and "line 5" in dry.stderr
    first = installation.run("consent", "import", file, fails=True)
    assert "1 taken, 0 taken before, 1 refused." in first.stdout
    again = installation.run("consent", "import", file, "--json", fails=True)
    told = json.loads(again.stdout)
    assert (told["taken"], told["known"], told["refused"]) == (0, 1, 1)
    for answer in (dry, first, again):
        assert "example.uz" not in answer.stdout + answer.stderr
    lines = [
        json.loads(line) for line in installation.run("consent", "export", "--reason", "audit").stdout.splitlines()
    ]
    (consent,) = [line for line in lines if line["kind"] == "consent"]
    assert sha256(consent["entry"]["event"].encode()).hexdigest() == consent["entry"]["hash"]
    shown = installation.run("consent", "show-text", f"sha256:{consent['text_hash']}").stdout
    assert shown == text and sha256(shown.encode()).hexdigest() == consent["text_hash"]
    assert installation.run("consent", "show-text", "0" * 64, fails=True).returncode == 1
