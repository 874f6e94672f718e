"""`/api/v1`: everything that the console does, for programs with an API key (clauses 3.1, 5.1, 6.2, 7.1, 9.1).

An operation is a function in one of the modules below, registered by `operations.operation` with its right, and calls
the same services as the console: no rule and no SQL is here. What every operation shares is in `serving`.
The description in OpenAPI 3.1 (`description`) is made of the same registrations, so the two cannot differ.
"""

from omonat.web.api import (
    cases,
    consents,
    contracts,
    decisions,
    forms,
    ledger,
    measures,
    people,
    policy,
    registers,
    regrouping,
    runs,
    staff,
    webhooks,
)
from omonat.web.api.docs import PAGES
from omonat.web.api.router import api_router

MODULES = (
    cases, consents, contracts, decisions, forms, ledger, measures, people, policy, registers, regrouping, runs, staff,
    webhooks,
)  # fmt: skip
"""Loading them registers their operations."""

API = api_router(*PAGES)

__all__ = ["API", "MODULES"]
