"""Debian's Firefox ESR, driven over the socket of Marionette (its own remote protocol), with its real settings.

Playwright cannot start this Firefox, and Chromium has no Global Privacy Control. A message is `length:JSON`; a command
is `[0, id, name, parameters]`, its answer `[1, id, error, result]`.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from harness.places import find_program, free_port

_STARTS_WITHIN_SECONDS = 120
_WAITS_SECONDS = 60
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
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
        self._home = Path(tempfile.mkdtemp(prefix="omonat-firefox-"))
        port = free_port()
        wanted = _PREFERENCES | {"marionette.port": port} | preferences
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items()]
        (self._home / "user.js").write_text("".join(lines), "utf-8")
        self._process = subprocess.Popen(
            [program, "--headless", "--marionette", "--no-remote", "--profile", str(self._home), "about:blank"],
            env={**os.environ, "HOME": str(self._home), "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._count = 0
        self._socket = self._connect(port)
        self._read()  # who it is
        self.command("WebDriver:NewSession", capabilities={"alwaysMatch": {"pageLoadStrategy": "normal"}})

    def _connect(self, port: int) -> socket.socket:
        end = time.monotonic() + _STARTS_WITHIN_SECONDS
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=_WAITS_SECONDS * 2)
            except OSError:
                alive = self._process.poll() is None and time.monotonic() < end
                if not alive:
                    self._end()
                assert alive, "Firefox did not start"
                time.sleep(0.05)

    def command(self, name: str, **parameters: Any) -> Any:
        """One command of Marionette, and its result. Raises AssertionError with what Firefox says is wrong."""
        self._count += 1
        text = json.dumps([0, self._count, name, parameters]).encode()
        self._socket.sendall(str(len(text)).encode() + b":" + text)
        _kind, number, error, result = self._read()
        assert number == self._count
        assert error is None, f"{name}: {error}"
        return result

    def _read(self) -> Any:
        size = b""
        while (byte := self._socket.recv(1)) != b":":
            assert byte, "Firefox has closed the connection"
            size += byte
        text = b""
        while len(text) < int(size):
            text += self._socket.recv(int(size) - len(text))
        return json.loads(text)

    def open(self, url: str) -> None:
        """Go there, until the page has loaded."""
        self.command("WebDriver:Navigate", url=url)

    def run(self, script: str) -> Any:
        """The value that a script of the page returns."""
        return self.command("WebDriver:ExecuteScript", script=script, args=[])["value"]

    def wait_for(self, script: str) -> Any:
        """Until the script returns something true."""
        end = time.monotonic() + _WAITS_SECONDS
        while not (value := self.run(script)):
            assert time.monotonic() < end, f"it did not come: {script}"
            time.sleep(0.05)
        return value

    def click(self, selector: str) -> None:
        """Press what a person would press."""
        found = self.command("WebDriver:FindElement", using="css selector", value=selector)["value"]
        self.command("WebDriver:ElementClick", id=found[_ELEMENT])

    def cookies(self) -> set[str]:
        """Names of the cookies of this page, also those closed to scripts."""
        return {str(one["name"]) for one in self.command("WebDriver:GetCookies")}

    def forget(self) -> None:
        """Remove the cookies of this page."""
        self.command("WebDriver:DeleteAllCookies")

    def close(self) -> None:
        """End it, and remove its profile."""
        self._socket.close()
        self._end()

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_WAITS_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)
