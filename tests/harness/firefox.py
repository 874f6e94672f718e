"""Debian's Firefox ESR through puppeteer-core (WebDriver BiDi), with its real settings.

Playwright cannot start this Firefox, and Chromium has no Global Privacy Control. `firefox.mjs` beside this file runs in
Node and takes one command a line; `scripts/setup test` puts puppeteer-core where it is found.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from harness.places import REPOSITORY, find_program

_WAITS_SECONDS = 60
_NODE = REPOSITORY / ".venv" / "firefox"
_PREFERENCES: dict[str, Any] = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "extensions.update.enabled": False,
}
GPC = {"privacy.globalprivacycontrol.enabled": True, "privacy.globalprivacycontrol.functionality.enabled": True}


class Firefox:
    """A running Firefox with a profile of its own. `preferences`: as about:config has them."""

    def __init__(self, preferences: dict[str, Any]) -> None:
        program = find_program("firefox-esr", "firefox", hint="On Debian: apt-get install firefox-esr. Or: make setup")
        node = find_program("node", "nodejs", hint="On Debian: apt-get install nodejs npm. Or: make setup")
        assert (_NODE / "node_modules" / "puppeteer-core").is_dir(), "puppeteer-core is not installed. Run: make setup"
        self._home = Path(tempfile.mkdtemp(prefix="omonat-firefox-"))
        wanted = json.dumps(_PREFERENCES | preferences)
        self._process = subprocess.Popen(
            [node, Path(__file__).with_suffix(".mjs"), _NODE, program, self._home / "profile", wanted],
            env={**os.environ, "HOME": str(self._home), "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.version = self._read()
        """Such as `firefox/140.5.0`."""

    def _command(self, name: str, *given: str) -> Any:
        """One command, and its result. Raises AssertionError with what Firefox says is wrong."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps([name, *given]) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "Firefox did not start, or has ended"
        answer = json.loads(line)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, url: str) -> None:
        """Go there, until the page has loaded."""
        self._command("open", url)

    def run(self, script: str) -> Any:
        """The value that a script of the page returns."""
        return self._command("run", script)

    def wait_for(self, script: str) -> Any:
        """Until the script returns something true."""
        end = time.monotonic() + _WAITS_SECONDS
        while not (value := self.run(script)):
            assert time.monotonic() < end, f"it did not come: {script}"
            time.sleep(0.05)
        return value

    def click(self, selector: str) -> None:
        """Press what a person would press, once it can be pressed."""
        self._command("click", selector)

    def cookies(self) -> set[str]:
        """Names of the cookies of this page, also those closed to scripts."""
        return set(self._command("cookies"))

    def forget(self) -> None:
        """Remove the cookies of this page."""
        self._command("forget")

    def close(self) -> None:
        """End it, and remove its profile."""
        assert self._process.stdin
        self._process.stdin.close()  # it closes its browser then
        try:
            self._process.wait(_WAITS_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()
        shutil.rmtree(self._home, ignore_errors=True)
