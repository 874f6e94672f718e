"""The client is typed for whoever uses it: mypy knows what each call takes and answers, awaited or not."""

import subprocess
import sys
from pathlib import Path

from harness.places import REPOSITORY

USE = """
from omonat.client import AsyncOmonat, Omonat


def by_sync(omonat: Omonat) -> None:
    reveal_type(omonat.get_case("x"))
    reveal_type([case for case in omonat.list_cases.each(state="open")])
    omonat.close_case("x", outcome="nonsense", if_match="a")
    omonat.get_case()


async def by_async(omonat: AsyncOmonat) -> None:
    reveal_type(await omonat.get_case("x"))
    reveal_type([case async for case in omonat.list_cases.each()])
"""


def test_mypy_knows_what_a_call_takes_and_answers(tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(USE)
    words = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", "use.py"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", "MYPYPATH": str(REPOSITORY / "src")})  # fmt: skip
    said = [line.partition("use.py:")[2] for line in done.stdout.splitlines() if line.startswith("use.py:")]
    shapes = "omonat.client.generated.shapes"
    assert [line.partition('"')[2].rstrip('"') for line in said if "note: Revealed" in line] == [
        f"{shapes}.Case", f"list[{shapes}.CaseLine]", f"{shapes}.Case", f"list[{shapes}.CaseLine]"
    ]  # fmt: skip
    assert [line.rpartition("[")[2] for line in said if ": error:" in line] == ["arg-type]", "call-arg]"], done.stdout
