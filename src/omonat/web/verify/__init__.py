"""`/verify`: one page that checks receipts in the browser alone, also when saved and opened from a file.

The page is the same for every installation, byte by byte: script, style and all four languages are in it. So its
SHA-256 can be published with the source (docs/security/verify.sha256; a test compares), and whoever saves it need not
trust the server that it came from. No template and no data of the installation may enter it.
"""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from litestar import Response, Router, get

from omonat.kernel.codec import to_canonical_json
from omonat.kernel.language import LANGUAGE_NAMES, LANGUAGES, translate
from omonat.receipts.words import DOMAIN, FINDINGS, KIND_NAMES, NOT_PROVEN, PROVEN, headings
from omonat.web.verify.texts import TEXTS, text

NAME = "omonat-verify.html"
_HERE = Path(__file__).parent
_INLINE = re.compile(rb"<(script|style)>(.*?)</\1>", re.DOTALL)


@cache
def verify_page() -> bytes:
    """The whole page."""
    buttons = "".join(
        f'<button type="button" lang="{code}" data-language="{code}">{LANGUAGE_NAMES[code]}</button>'
        for code in LANGUAGES
    )
    parts = {
        "STYLE": _source("verify.css"),
        "LANGUAGES": buttons,
        "TEXTS": to_canonical_json({code: _texts(code) for code in LANGUAGES}).decode().replace("<", "\\u003c"),
        "SCRIPT": _source("verify.js"),
    }
    return re.sub(r"@([A-Z]+)@", lambda found: parts[found[1]], _source("page.html")).encode()


def verify_page_hash() -> str:
    """SHA-256 of the page, hex."""
    return hashlib.sha256(verify_page()).hexdigest()


def _source(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


def _texts(language: str) -> dict[str, str]:
    found = {code: translate(language, DOMAIN, said) for said_by in (FINDINGS, PROVEN, NOT_PROVEN)
             for code, said in said_by.items()}  # fmt: skip
    found |= {f"kind_{kind}": translate(language, DOMAIN, said) for kind, said in KIND_NAMES.items()}
    return found | headings(language)._asdict() | {code: text(language, code) for code in TEXTS}


@cache
def _policy() -> str:
    """Only what stands in the page may run, named by its hash, and nothing may be fetched or sent."""
    hashes: dict[str, str] = {}
    for kind, content in _INLINE.findall(verify_page()):
        hashes[kind.decode()] = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{hashes['script']}'; style-src 'sha256-{hashes['style']}'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


def _answer(**headers: str) -> Response[bytes]:
    kept = {"Cache-Control": "public, no-cache", "Content-Security-Policy": _policy(), **headers}
    return Response(verify_page(), media_type="text/html; charset=utf-8", headers=kept)


@get("/", sync_to_thread=False)
def page() -> Response[bytes]:
    """The page itself."""
    return _answer()


@get(f"/{NAME}", sync_to_thread=False)
def saved() -> Response[bytes]:
    """The same bytes as a file to keep."""
    return _answer(**{"Content-Disposition": f'attachment; filename="{NAME}"'})


VERIFY = Router(path="/verify", route_handlers=[page, saved])

__all__ = ["VERIFY", "verify_page", "verify_page_hash"]
