"""Administration: staff and roles, four eyes, the undertaking, measures, incidents, the first run (6.2)."""

from omonat.web.console.administration import approvals, joining, roles, staff

HANDLERS = (*staff.HANDLERS, *roles.HANDLERS, *approvals.HANDLERS, *joining.HANDLERS)

__all__ = ["HANDLERS"]
