"""Print the description of the API, or with `--write` put it into docs/api/openapi.json."""

import json
import sys
from pathlib import Path

from omonat.web.api import API
from omonat.web.api.description import description

PLACE = Path(__file__).parent.parent / "docs" / "api" / "openapi.json"

if __name__ == "__main__":
    assert API.path == "/api/v1"  # loading it registered the operations
    text = json.dumps(description(), indent=1, ensure_ascii=False) + "\n"
    if "--write" in sys.argv:
        PLACE.write_text(text, "utf-8")
    else:
        print(text, end="")
