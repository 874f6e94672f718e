"""One Omonat and one further site of the company for all tests of the banner."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from harness.company import Company

expect.set_options(timeout=60_000)  # a condition is awaited, however slow the machine


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Omonat with a policy that declares a shop on another port, and that shop."""
    made = Company(tmp_path_factory.mktemp("company"))
    yield made
    made.close()
