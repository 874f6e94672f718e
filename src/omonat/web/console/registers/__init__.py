"""The registers of the console: policy, disclosures, retention, journal, ledger, mailing lists, visits.

What officer, marketing, administrator and auditor read and act on (clauses 3.1, 5.1, 6.2, 6.3, 9.1). No page and no
table here holds a value of a person; opaque numbers lead to a person's page for whoever may open that.
"""

from omonat.web.console.registers import (
    charts,
    disclosing,
    journal,
    ledger,
    mailings,
    policy,
    publishing,
    retention,
    statistics,
    sweeping,
)

HANDLERS = (
    *policy.HANDLERS, *publishing.HANDLERS, *disclosing.HANDLERS, *retention.HANDLERS, *sweeping.HANDLERS,
    *journal.HANDLERS, *ledger.HANDLERS, *mailings.HANDLERS, *statistics.HANDLERS, *charts.HANDLERS,
)  # fmt: skip

__all__ = ["HANDLERS"]
