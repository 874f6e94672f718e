"""The console: the staff's pages under `/{language}/console` (3.1, 5.1, 6.2, 9.1, 10.1). Works without a script.

Each handler names its right (see `gate`); one that names none admits nobody. Pages are `no-store`; every POST carries
a token bound to the session. A part of the console is a package of handlers with its own text domain: `PARTS`.
"""

from litestar import Router

from omonat.staff import UndertakingMissing
from omonat.web.console import (
    administration,
    cases,
    consents,
    keys,
    overview,
    people,
    registers,
    signing,
    visits,
    webhooks,
)
from omonat.web.console.gate import admit
from omonat.web.console.pages import to_account, to_sign_in, to_undertaking
from omonat.web.console.signing.proving import ProveFirst, to_proof
from omonat.web.console.visit import SecondFactorFirst, StaffOnly

PARTS = (
    keys.HANDLERS,
    overview.HANDLERS,
    registers.HANDLERS,
    administration.HANDLERS,
    signing.HANDLERS,
    webhooks.HANDLERS,
    cases.HANDLERS,
    people.HANDLERS,
    consents.HANDLERS,
    visits.HANDLERS,
)

CONSOLE = Router(
    path="/{language:str}/console",
    route_handlers=[handler for part in PARTS for handler in part],
    guards=[admit],
    exception_handlers={
        StaffOnly: to_sign_in,
        SecondFactorFirst: to_account,
        ProveFirst: to_proof,
        UndertakingMissing: to_undertaking,
    },
)

__all__ = ["CONSOLE"]
