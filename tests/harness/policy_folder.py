"""A policy folder of a test: a copy of the real one, with one thing changed."""

import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from harness.places import ISSUED_POLICY, POLICY
from omonat.policy import Policy, Version, check, draft

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


@cache
def real_version() -> Version:
    return draft(POLICY, NOW)


def real_policy() -> Policy:
    return real_version().facts


def issued_text() -> bytes:
    """The text that the company issued as 3.1; where it is not at hand, one of the same shape."""
    if ISSUED_POLICY.exists():
        return ISSUED_POLICY.read_bytes()
    clauses: dict[str, list[str]] = {}
    for number in real_version().document("uz-Latn").clauses():
        clauses.setdefault(number.split(".")[0], []).append(f"{number}. Mazkur bandda ma'lumotlar haqida.")
    body = [f"## {section}. BO'LIM\n\n" + "\n\n".join(texts) for section, texts in clauses.items()]
    return "\n\n".join(["\n\n# MAXFIYLIK SIYOSATI", "## Hujjat versiyasi: 3.1", *body]).encode()


class Folder:
    """`change` replaces the first occurrence; `lines` of a code are the lines that its findings name."""

    def __init__(self, place: Path) -> None:
        self.path = place / "policy"
        shutil.copytree(POLICY, self.path)  # makes `place`, too

    def change(self, old: str, new: str, file: str = "policy.toml") -> "Folder":
        path = self.path / file
        text = path.read_text("utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new, 1), "utf-8")
        return self

    def found(self) -> list[tuple[str, str]]:
        """(code, the text of the line that the finding names), of every finding."""
        return [(it.code, self._line(Path(it.file), it.line)) for it in check(self.path)]

    def _line(self, file: Path, number: int) -> str:
        lines = file.read_text("utf-8").splitlines() if file.exists() else [""]
        return lines[number - 1]


RECIPIENTS = "# --- recipients (5.1)"
"""The heading in policy.toml before which `printing_house` is put."""


def printing_house(*categories: str) -> str:
    """A further recipient of these categories for `news`, with the heading behind it."""
    listed = ", ".join(f'"{category}"' for category in categories)
    return f"""
[recipient.printer]
country = "UZ"
purposes = ["news"]
categories = [{listed}]
ground = "consent"
agreement = {{ number = "7", signed_on = 2026-01-01, confidentiality = true }}
[recipient.printer.labels]
uz-Latn = "bosmaxona"
uz-Cyrl = "босмахона"
ru = "типография"
en = "a printing house"

{RECIPIENTS}"""
