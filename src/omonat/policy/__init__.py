"""Floor 4: the policy (the facts; folder, versions and rendering are being added)."""

from omonat.policy.model import Form, Policy
from omonat.policy.service import Policies
from omonat.policy.version import Version

__all__ = ["Form", "Policies", "Policy", "Version"]
