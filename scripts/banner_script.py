"""The scripts of the banner for other sites: src/omonat/web/embed/source/ made into src/omonat/web/embed/built/.

Joined in the order of their names, without comments and needless spaces, the style put in as a string. Nothing is
renamed, so that what runs can be read beside its source. The same source gives the same bytes on every machine.

Usage: python scripts/banner_script.py [--write]
"""

import hashlib
import json
import re
import sys
from pathlib import Path

EMBED = Path(__file__).parents[1] / "src" / "omonat" / "web" / "embed"
SOURCE, BUILT = EMBED / "source", EMBED / "built"
SUMS = "SHA256SUMS"
_COMMENT_LINE = re.compile(r"^\s*//.*$", re.MULTILINE)
_COMMENT_END = re.compile(r"(?<=[;{}),\]])\s+// .*$", re.MULTILINE)
_NEEDLESS = re.compile(r'("(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<=[{(,;:=&|?>]) +| +(?=[}=&|?:{])')
_STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def small_script(text: str) -> str:
    """Without comments, indentation, empty lines and spaces beside signs. What is quoted stays; the source has no space
    in a regular expression. Lines stay, so that a place in an error message is found.
    """
    bare = _COMMENT_END.sub("", _COMMENT_LINE.sub("", text))
    lines = "".join(f"{line.strip()}\n" for line in bare.splitlines() if line.strip())
    return _NEEDLESS.sub(lambda found: found[1] or "", lines)


def small_style(text: str) -> str:
    """Without comments and needless spaces."""
    bare = re.sub(r"\s+", " ", _STYLE_COMMENT.sub("", text)).strip()
    return re.sub(r"\s*([{};,])\s*|(?<=:)\s+", lambda found: found[1] or "", bare).replace(";}", "}")


def build() -> dict[str, bytes]:
    """Name of each built file to its bytes, the list of their SHA-256 among them."""
    first = "".join(path.read_text("utf-8") for path in sorted(SOURCE.glob("[0-9]-*.js")))
    made = {
        "omonat.js": _whole(first, "banner.css"),
        "banner.css": f"{small_style((SOURCE / 'banner.css').read_text('utf-8'))}\n".encode(),
        "settings.js": _whole((SOURCE / "settings.js").read_text("utf-8"), "settings.css"),
    }
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in made.items()]
    return made | {SUMS: "".join(lines).encode()}


def _whole(script: str, style: str) -> bytes:
    css = json.dumps(small_style((SOURCE / style).read_text("utf-8")))
    return re.sub(r"\bSTYLE\b", lambda _: css, small_script(script)).encode()


def main() -> int:
    """Print the sums; with --write, write the files. 0: what lies there is what the source gives."""
    made = build()
    if "--write" in sys.argv:
        BUILT.mkdir(exist_ok=True)
        for name, content in made.items():
            (BUILT / name).write_bytes(content)
    print(made[SUMS].decode(), end="")
    stale = [name for name, content in made.items() if not _is(BUILT / name, content)]
    print(
        "".join(f"{name} is not what the source gives: run with --write\n" for name in stale), end="", file=sys.stderr
    )
    return 1 if stale else 0


def _is(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content


if __name__ == "__main__":
    sys.exit(main())
