"""A policy folder: `policy.toml` and `text/<language>.md`. `check` finds all that is wrong, `load` makes the facts."""

from pathlib import Path

from omonat.policy.folder import load
from omonat.policy.folder.load import read_folder
from omonat.policy.folder.prose import prose_findings
from omonat.policy.folder.rules import rule_findings
from omonat.policy.folder.shape import shape_findings
from omonat.policy.folder.source import Finding

__all__ = ["Finding", "check", "load"]


def check(folder: Path) -> list[Finding]:
    """Everything that is wrong in a policy folder, all at once, by file and line. Empty: it may be published.

    Raises Misconfigured when there is no policy.toml to read.
    """
    read = read_folder(folder)
    found = [*read.source.findings, *shape_findings(read.source), *rule_findings(read.source), *prose_findings(read)]
    return sorted(set(found))
