"""Static files: read once, served under a name that carries their hash, so that they may be cached for ever."""

import hashlib
from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from omonat.kernel.errors import NotFound

FOLDER = Path(__file__).parent / "static"
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


class Assets:
    """The static files by the name that pages use, `omonat.css`, and the name on the wire, `omonat.1a2b3c4d.css`."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._content: dict[str, tuple[bytes, str]] = {}
        self._hashed: dict[str, str] = {}
        for path in sorted(folder.iterdir()):
            if path.suffix in _KINDS:
                self._add(path)

    def _add(self, path: Path) -> None:
        content = path.read_bytes()
        hashed = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
        self._content[hashed] = (content, _KINDS[path.suffix])
        self._hashed[path.name] = hashed

    def url(self, name: str) -> str:
        """Where a file is served. Raises KeyError for a file that is not there."""
        return f"/static/{self._hashed[name]}"

    def find(self, hashed: str) -> tuple[bytes, str] | None:
        """Content and media type for a name on the wire."""
        return self._content.get(hashed)

    def get_original(self, name: str) -> tuple[bytes, str]:
        """Content and media type for a plain name. Raises KeyError."""
        return self._content[self._hashed[name]]


ASSETS = Assets()


@get("/static/{name:str}", sync_to_thread=False)
def static_file(name: FromPath[str]) -> Response[Any]:
    """One static file; unknown names and old hashes are 404, the page that named them is never cached."""
    found = ASSETS.find(name)
    if found is None:
        raise NotFound
    content, media_type = found
    return Response(content, media_type=media_type, headers={"Cache-Control": _FOR_EVER})


@get("/favicon.ico", sync_to_thread=False)
def favicon() -> Response[Any]:
    """The logo, for browsers that ask here without reading the page."""
    content, media_type = ASSETS.get_original("logo.svg")
    return Response(content, media_type=media_type, headers={"Cache-Control": "public, max-age=86400"})
