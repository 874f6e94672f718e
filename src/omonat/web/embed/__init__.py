"""The banner on any site of the operator: one script, its second layer, and the choice that comes back (8.1, 8.2).

`source/` is what people read, `built/` what browsers get: `scripts/banner_script.py` makes one of the other, and a test
compares. Invariants: only an origin that the policy in force declares may send a choice; nothing here reads a choice.
"""

from litestar import Router

from omonat.web.embed.serving import ask_first, choose, include, script, settings

EMBED = Router(path="/", route_handlers=[ask_first, choose, include, script, settings])

__all__ = ["EMBED"]
