"""The console: the staff's pages under `/{language}/console` (3.1, 5.1, 6.2, 9.1, 10.1). Works without a script.

Each handler names its right (see `gate`); one that names none admits nobody. Pages are `no-store`; every POST carries
a token bound to the session. A part of the console is a package of handlers with its own text domain: `PARTS`.
"""

from litestar import Router

from omonat.web.console import overview, signing, webhooks
from omonat.web.console.gate import admit
from omonat.web.console.pages import to_account, to_sign_in
from omonat.web.console.signing.proving import ProveFirst, to_proof
from omonat.web.console.visit import SecondFactorFirst, StaffOnly

PARTS = (overview.HANDLERS, signing.HANDLERS, webhooks.HANDLERS)

CONSOLE = Router(
    path="/{language:str}/console",
    route_handlers=[handler for part in PARTS for handler in part],
    guards=[admit],
    exception_handlers={StaffOnly: to_sign_in, SecondFactorFirst: to_account, ProveFirst: to_proof},
)

__all__ = ["CONSOLE"]
