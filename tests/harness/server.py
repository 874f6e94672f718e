"""`omonat serve --dev` as a subprocess: started, killed, started again; its output kept in a file."""

import http.client
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import httpx

from harness.installation import Installation, clean_environment
from harness.places import OMONAT, free_port

_STARTS_WITHIN_SECONDS = 60
_LETTER = "[omonat dev]"
_CODE = re.compile(r"(?<![\w-])\d{6}(?![\w-])")


class Server:
    """The running server of one installation. `url` stays the same over restarts."""

    def __init__(
        self,
        installation: Installation,
        *options: str,
        env: dict[str, str] | None = None,
        program: list[str] | None = None,
    ) -> None:
        self.installation = installation
        self.program = program or [str(OMONAT)]
        self.env = env or {}
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.stdout_path = installation.home / "serve.stdout"
        self.stderr_path = installation.home / "serve.stderr"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def pid(self) -> int:
        """The id of the running process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait for its first answer."""
        data, port = str(self.installation.data), str(self.port)
        words = [*self.program, "--data", data, "serve", "--dev", "--port", port, *self._options]
        with self.stdout_path.open("ab") as out, self.stderr_path.open("ab") as err:
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=self.installation.home,
                env=clean_environment(self.installation.home) | self.env, start_new_session=True,
            )  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + _STARTS_WITHIN_SECONDS
        while not self.answers():
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise AssertionError(f"The server did not start:\n{self.output()}")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether a page comes back (any status)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    def client(self, **options: object) -> httpx.Client:
        """An HTTP client with cookies of its own; close it, or use it in `with`. `options` go to httpx."""
        return httpx.Client(base_url=self.url, trust_env=False, timeout=60, **options)  # type: ignore[arg-type] # passed on

    def output(self) -> str:
        """Everything printed since the first start, standard output before standard error."""
        return "".join(_text(path) for path in (self.stdout_path, self.stderr_path))

    def codes(self) -> list[str]:
        """The one-time codes printed so far, oldest first (the console channel of `--dev`)."""
        return [code for line in self.letters() for code in _CODE.findall(line)]

    def letters(self) -> list[str]:
        """The lines of all letters sent so far, to whomever; addresses are masked."""
        return [line for line in _text(self.stdout_path).splitlines() if line.startswith(_LETTER)]

    def wait_for_code(self, after: int = 0) -> str:
        """The newest code once there are more than `after` of them (`len(server.codes())` before asking)."""
        end = time.monotonic() + _STARTS_WITHIN_SECONDS
        while len(self.codes()) <= after:
            assert time.monotonic() < end, f"No code came:\n{self.output()}"
            time.sleep(0.05)
        return self.codes()[-1]

    def wait_for_end(self) -> int:
        """Wait until the process has ended by itself (a kill at a seam); its exit code, negative for a signal."""
        assert self._process is not None
        code = self._process.wait(_STARTS_WITHIN_SECONDS)
        self._process = None
        return code

    def kill9(self) -> None:
        """Pull the plug: SIGKILL to it and whatever it started."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Stop it if it runs, start it again on the same port."""
        self.stop()
        self.start()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            os.killpg(self._process.pid, how)
        try:
            self._process.wait(_STARTS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""
