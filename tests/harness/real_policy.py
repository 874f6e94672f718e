"""The real policy put into force in the test's own process: read and checked once, not for every test."""

from datetime import datetime
from functools import cache

from harness.places import POLICY
from omonat.policy import Policies
from omonat.policy.service import folder_bytes
from omonat.staff import StaffAccount


def publish_real_policy(policies: Policies, author: StaffAccount, now: datetime) -> None:
    """As `policies.publish(POLICY, ...)` does."""
    policies.publish_bytes(_canonical(), author=author, reason="test", now=now)


@cache
def _canonical() -> bytes:
    return folder_bytes(POLICY)
