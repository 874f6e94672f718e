"""What several tests of the stores begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.card import Firm
from omonat.storage import Database


@pytest.fixture
def firm(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Firm]:
    made = Firm(database, key_database, tmp_path)
    yield made
    made.omonat.close()
