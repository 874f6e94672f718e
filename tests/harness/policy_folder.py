"""A policy folder of a test: a copy of the real one, with one thing changed."""

import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from harness.places import POLICY
from omonat.policy import Policy, Version, check, draft

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


@cache
def real_version() -> Version:
    return draft(POLICY, NOW)


def real_policy() -> Policy:
    return real_version().facts


class Folder:
    """`change` replaces the first occurrence; `lines` of a code are the lines that its findings name."""

    def __init__(self, place: Path) -> None:
        self.path = place / "policy"
        shutil.copytree(POLICY, self.path)

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
