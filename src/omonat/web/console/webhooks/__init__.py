"""Webhooks in the console: connected systems, what is sent to them, and what became of it (clause 3.1)."""

from omonat.web.console.webhooks import deliveries, endpoints

HANDLERS = (*endpoints.HANDLERS, *deliveries.HANDLERS)

__all__ = ["HANDLERS"]
