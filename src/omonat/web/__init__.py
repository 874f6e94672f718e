"""Floor 7: the web face. Pages for visitors (`site`) and for the signed-in subject (`portal`); no rules, no SQL.

What every part of it uses: `visit` (who reads, in which language, with which choice), `pages` (rendering on the one
base layout), `forms` (fields with their problems), `csrf` (where a POST came from), `limits` (how often), `cookies`
(names and attributes), `problems` (errors as pages or as RFC 9457 problem documents), `front` (security headers, one
access line without anything personal). Clauses 1.2, 1.3, 6.1, 8.x, 9.x, 10.1.
"""

from omonat.web.server import create_asgi, serve

__all__ = ["create_asgi", "serve"]
