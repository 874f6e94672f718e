"""For programs of other systems: the typed client of `/api/v1`, receiving webhooks, and forms on one's own site.

Imports httpx and msgspec, and nothing of the server: `import omonat.client` costs a site neither a database nor keys.
"""
