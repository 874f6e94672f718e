"""Fixtures of the command line's tests."""

from pathlib import Path

import pytest

from harness import command
from harness.places import POLICY
from harness.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """An installation with the real policy in force, whose first account is `Officer`."""
    made = Shop(tmp_path)
    words = ("init", "--data", made.data, "--keys", made.keys, "--policy", POLICY, "--admin", "Officer")
    command.done(*words, data=made.data)
    return made
