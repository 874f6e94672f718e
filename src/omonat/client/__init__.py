"""For programs of other systems: the typed client of `/api/v1`, receiving webhooks, and forms on one's own site.

`Omonat` and `AsyncOmonat` have one method per operation of the API (docs/client.md); `webhooks.verify` reads what
Omonat sends; `sites` puts the declared forms on a site of FastAPI, Starlette, Django or Flask.
Imports httpx and msgspec, and nothing of the server: `import omonat.client` costs a site neither a database nor keys.
"""

from omonat.client.clients import AsyncOmonat, Omonat
from omonat.client.problems import OmonatProblem, OmonatUnreachable

__all__ = ["AsyncOmonat", "Omonat", "OmonatProblem", "OmonatUnreachable"]
