"""What the vault needs from its neighbours, as Protocols."""

from typing import Protocol

from omonat.policy import Policy


class PolicyInForce(Protocol):
    """Something that knows the facts now in force."""

    def facts_in_force(self) -> Policy:
        """The facts of the version in force. Raises Misconfigured when nothing was ever published."""
        ...
