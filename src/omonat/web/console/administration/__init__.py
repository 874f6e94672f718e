"""Administration: staff and roles, four eyes, the undertaking, measures, incidents, the first run (6.2)."""

from omonat.web.console.administration import approvals, incidents, joining, measures, roles, staff, start

HANDLERS = (
    *staff.HANDLERS, *roles.HANDLERS, *approvals.HANDLERS, *joining.HANDLERS, *measures.HANDLERS, *incidents.HANDLERS,
    *start.HANDLERS,
)  # fmt: skip

__all__ = ["HANDLERS"]
