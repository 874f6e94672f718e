"""API keys in the console: make, rotate, revoke; a secret is shown once (clause 6.2)."""

from omonat.web.console.keys import changing, listing

HANDLERS = (*listing.HANDLERS, *changing.HANDLERS)

__all__ = ["HANDLERS"]
