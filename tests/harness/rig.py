"""A server that dies at a seam on demand, and is started again."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx

from harness.installation import Installation, clean_environment, in_days
from harness.places import REPOSITORY
from harness.server import Server

KILL_AT = REPOSITORY / "tests" / "harness" / "kill_at.py"
SUBJECT_OF_CASE = "SELECT subject_id FROM subject_case WHERE case_id = ?"


class Rig:
    """One installation whose server dies at a seam on demand."""

    def __init__(self, folder: Path, installation: Installation) -> None:
        self._armed = folder / "armed"
        self.installation = installation
        self.server = Server(self.installation, program=[sys.executable, str(KILL_AT), str(self._armed)])

    def die_at(self, seam: str, act: Callable[[], object]) -> None:
        """Do `act` while the seam is armed; the server dies in it, and is started again."""
        self._armed.write_text(seam)
        try:
            act()
        except httpx.TransportError:
            pass  # as a person sees it: no answer
        assert self.server.wait_for_end() == -9, f"{seam}: the server did not die there"
        self._armed.unlink()
        self.server.start()

    def command_dies_at(self, seam: str, *words: str, days: float) -> None:
        """`omonat WORDS` on a machine whose clock is `days` ahead dies at the seam; the server starts after it."""
        self.server.stop()
        self._armed.write_text(seam)
        home = self.installation.home
        command = [sys.executable, str(KILL_AT), str(self._armed), "--data", str(self.installation.data), *words]
        ended = subprocess.run(
            command, env=clean_environment(home) | in_days(days), cwd=home, capture_output=True, check=False
        )
        assert ended.returncode == -9, (seam, ended.stderr)
        self._armed.unlink()
        self.server.start()

    def subject_of(self, case_id: str) -> str:
        ((subject_id,),) = self.installation.rows(SUBJECT_OF_CASE, case_id.replace("-", ""))
        return str(subject_id)
