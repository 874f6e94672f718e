"""schemathesis against the whole description of the API, with a real server: it finds nothing.

All its checks, with values that fit the description, values that do not, and sequences of calls that it finds itself;
seeded and bounded. Told to it: If-Match that is missing is 428, which RFC 6585 made for that; and a request may fit
the description and still be refused with 422, for no schema knows the words of the policy or which names are taken.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from harness.installation import new_installation
from harness.programs import Program, installed_key
from harness.server import Server
from omonat.web.api.operations import OPERATIONS

SEED = "20261123"
EXAMPLES = "2"
SECONDS_FOR_FUZZING = "25"
FACTS = """
[parameters]
"path.form" = "callback"
"path.channel" = "email"
"path.role" = "support"
"path.subject_id" = "{subject_id}"
"path.case_id" = "{case_id}"

[checks]
missing_required_header.expected-statuses = ["4xx"]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 412, 422, 429, 503]
"""


@pytest.mark.parametrize("phases", ["examples,coverage", "fuzzing,stateful"])
def test_schemathesis_finds_nothing(tmp_path: Path, phases: str) -> None:
    installation = new_installation(tmp_path / "installation", adopt=False)
    settings = installation.data / "omonat.toml"
    settings.write_text(f"api_calls_per_minute = 1000000\n{settings.read_text('utf-8')}", "utf-8")
    secret = installed_key(installation)
    server = Server(installation)
    try:
        person = {"name": "Dilnoza Karimova", "email": "dilnoza@example.uz", "message": "Salom"}
        held = Program(server, secret).submit("contact", person, news=["email"])
        assert held.status_code == 201, held.text
        (tmp_path / "schemathesis.toml").write_text(FACTS.format_map(held.json()), "utf-8")
        words = [
            "run", f"{server.url}/api/v1/openapi.json", "--header", f"Authorization: Bearer {secret}",
            "--phases", phases, "--max-examples", EXAMPLES, "--seed", SEED, "--generation-deterministic",
            "--max-time", SECONDS_FOR_FUZZING, "--workers", "2", "--no-color",
        ]  # fmt: skip
        program = Path(sys.executable).with_name("schemathesis")
        done = subprocess.run([program, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    finally:
        server.kill9()
    assert f"Selected: {len(OPERATIONS)}/{len(OPERATIONS)}" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert " internal " not in server.output()
