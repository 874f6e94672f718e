"""Floor 4: the policy (the facts; folder, versions and rendering are being added)."""

from omonat.policy.model import Form, Policy

__all__ = ["Form", "Policy"]
