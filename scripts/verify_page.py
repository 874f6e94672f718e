"""The published hash of the page /verify: docs/security/verify.sha256.

Usage: python scripts/verify_page.py [--write]
"""

import sys
from pathlib import Path

from omonat.web.verify import NAME, verify_page_hash

TARGET = Path("docs/security/verify.sha256")


def main() -> int:
    """Print the line; with --write, write it."""
    line = f"{verify_page_hash()}  {NAME}\n"
    print(line, end="")
    if "--write" in sys.argv:
        TARGET.write_text(line, "utf-8")
    return 0 if TARGET.exists() and TARGET.read_text("utf-8") == line else 1


if __name__ == "__main__":
    sys.exit(main())
