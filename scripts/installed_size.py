"""The run-time set stays small: at most 60 packages and 300 MB installed, byte code included.

Counted over the lock file requirements/run.txt as it is installed in this environment, so that tools for tests do
not count; nor does what only builds our own package (requirements/build.in), which no installation holds. Byte
code that pip compiled is there; what is not compiled yet is counted as large as its source.
"""

import re
import sys
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES, MEGABYTES = 60, 300
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
BUILDS = re.compile(r"^([A-Za-z0-9._-]+)", re.MULTILINE)


def locked_packages() -> list[str]:
    """The names in the lock file of the run-time set, and Omonat itself."""
    requirements = ROOT / "requirements"
    builds = set(BUILDS.findall((requirements / "build.in").read_text("utf-8").replace("_", "-")))
    locked = LOCKED.findall((requirements / "run.txt").read_text("utf-8"))
    return [*(name for name in locked if name not in builds), "omonat"]


def installed_bytes(name: str) -> int:
    """The size on disk of an installed distribution with its byte code. Raises PackageNotFoundError."""
    return sum(_with_byte_code(Path(str(file.locate()))) for file in distribution(name).files or [])


def _with_byte_code(path: Path) -> int:
    if path.suffix == ".pyc" or not path.is_file():
        return 0  # counted with its source
    size = path.stat().st_size
    if path.suffix != ".py":
        return size
    compiled = list((path.parent / "__pycache__").glob(f"{path.stem}.{sys.implementation.cache_tag}.pyc"))
    return size + (compiled[0].stat().st_size if compiled else size)


def main() -> int:
    """Print the count, the size and the largest. 0: within the limits."""
    names = locked_packages()
    sizes = {name: installed_bytes(name) for name in names if name != "omonat"}
    sizes["omonat"] = sum(_with_byte_code(path) for path in (ROOT / "src").rglob("*"))
    total = sum(sizes.values()) / 1e6
    largest = sorted(sizes.items(), key=lambda pair: -pair[1])[:4]
    print(f"{len(names)} packages, {total:.0f} MB: " + ", ".join(f"{name} {size / 1e6:.0f}" for name, size in largest))
    if len(names) > PACKAGES or total > MEGABYTES:
        print(f"Too large: at most {PACKAGES} packages and {MEGABYTES} MB.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
