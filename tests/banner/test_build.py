"""What browsers get is what the source gives, small enough, and the same from every build."""

import hashlib
import subprocess
import sys
from pathlib import Path

import brotli
import pytest

from harness.company import Company
from harness.places import REPOSITORY

BUILT = REPOSITORY / "src" / "omonat" / "web" / "embed" / "built"
MOST = 8_000


def test_the_built_scripts_are_what_the_source_gives() -> None:
    done = subprocess.run([sys.executable, REPOSITORY / "scripts" / "banner_script.py"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (BUILT / "SHA256SUMS").read_text("utf-8")


def test_the_sums_are_those_of_the_files() -> None:
    for line in (BUILT / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((BUILT / name).read_bytes()).hexdigest() == digest


def test_the_source_is_plain_and_every_file_of_it_is_short() -> None:
    for path in Path(BUILT.parent / "source").iterdir():
        text = path.read_text("utf-8")
        assert len(text.splitlines()) < 200, path
        assert not [word for word in ("innerHTML", "eval(", "document.write", "import ", "require(") if word in text]


def test_the_first_layer_is_small_over_the_wire(company: Company) -> None:
    with (
        company.omonat.client(headers={"Accept-Encoding": "br"}) as client,
        client.stream("GET", "/omonat.js") as answer,
    ):
        wire = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "br"
    assert len(wire) <= MOST
    script = brotli.decompress(wire).decode()
    assert script.startswith("(config=>{")
    assert "adoptedStyleSheets" in script  # script and style together
    assert "legitimate" not in script


@pytest.mark.parametrize(("accepted", "coding"), [("gzip, br", "br"), ("br;q=0, gzip", "gzip"), ("identity", None)])
def test_it_comes_as_the_browser_takes_it(company: Company, accepted: str, coding: str | None) -> None:
    for path in ("/omonat.js", "/embed/ru/settings.js"):
        with company.omonat.client(headers={"Accept-Encoding": accepted}) as client:
            answer = client.get(path)
        assert answer.headers.get("content-encoding") == coding
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.text.startswith("(config=>{")
        assert "set-cookie" not in answer.headers


def test_a_language_that_there_is_not_is_not_found(company: Company) -> None:
    with company.omonat.client() as client:
        assert client.get("/embed/de/settings.js").status_code == 404
