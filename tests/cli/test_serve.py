"""`omonat serve` as a process of its own."""

import os
import signal
import subprocess

from harness.installation import new_installation
from harness.server import Server


def test_it_says_where_things_are_and_stops_when_told(tmp_path) -> None:  # type: ignore[no-untyped-def]
    installation = new_installation(tmp_path / "made", adopt=False)
    server = Server(installation)
    try:
        said = server.stdout_path.read_text()
        assert f"site    {server.url}/" in said and f"portal  {server.url}/my" in said and "codes" in said
        second = installation.run("serve", "--dev", "--port", "1", fails=True)
        assert second.returncode == 4 and "Another process serves" in second.stderr
        os.kill(server.pid, signal.SIGTERM)
        assert server._process is not None
        assert server._process.wait(60) == 0
        assert "Traceback" not in server.stderr_path.read_text()
    finally:
        server.stop()


def test_codes_are_printed_on_loopback_only(tmp_path) -> None:  # type: ignore[no-untyped-def]
    installation = new_installation(tmp_path / "made", adopt=False)
    refused: subprocess.CompletedProcess[str] = installation.run("serve", "--dev", "--host", "192.0.2.1", fails=True)
    assert refused.returncode == 2 and "--host 127.0.0.1" in refused.stderr
