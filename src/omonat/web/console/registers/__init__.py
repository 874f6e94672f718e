"""The registers of the console: policy, disclosures, retention, journal, ledger, mailing lists.

What officer, marketing, administrator and auditor read and act on (clauses 3.1, 5.1, 6.2, 6.3, 9.1). No page and no
table here holds a value of a person; opaque numbers lead to a person's page for whoever may open that.
"""

from omonat.web.console.registers.charts import HANDLERS as CHARTS
from omonat.web.console.registers.disclosing import HANDLERS as DISCLOSING
from omonat.web.console.registers.journal import HANDLERS as JOURNAL
from omonat.web.console.registers.ledger import HANDLERS as LEDGER
from omonat.web.console.registers.mailings import HANDLERS as MAILINGS
from omonat.web.console.registers.policy import HANDLERS as POLICY
from omonat.web.console.registers.publishing import HANDLERS as PUBLISHING
from omonat.web.console.registers.retention import HANDLERS as RETENTION
from omonat.web.console.registers.sweeping import HANDLERS as SWEEPING

HANDLERS = (
    *POLICY, *PUBLISHING, *DISCLOSING, *RETENTION, *SWEEPING, *JOURNAL, *LEDGER, *MAILINGS, *CHARTS,
)  # fmt: skip

__all__ = ["HANDLERS"]
