"""The console's page of visits: counts of consenting visitors, with charts (clause 8.1; docs/visits.md)."""

from omonat.web.console.visits.charts import HANDLERS as CHARTS
from omonat.web.console.visits.page import HANDLERS as PAGE

HANDLERS = (*PAGE, *CHARTS)

__all__ = ["HANDLERS"]
