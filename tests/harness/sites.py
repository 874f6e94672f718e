"""The example sites, run as their READMEs say, on loopback, with a key of a real installation."""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urljoin

import httpx

from harness.people import SentForm, forms_of
from harness.places import REPOSITORY, free_port

EXAMPLES = REPOSITORY / "examples"
_STARTS_WITHIN_SECONDS = 60


def _command(name: str, port: int) -> list[str]:
    tools = Path(sys.executable).parent
    commands: dict[str, list[object]] = {
        "fastapi_site": [tools / "uvicorn", "main:app", "--port", port],
        "django_site": [sys.executable, "main.py", "runserver", "--noreload", "--skip-checks", f"127.0.0.1:{port}"],
        "flask_site": [tools / "flask", "--app", "main", "run", "--port", port],
    }
    return [str(word) for word in commands[name]]


class Site:
    """One running example."""

    def __init__(self, name: str, omonat_url: str, key: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = folder / f"{name}.out"
        known = {"OMONAT_URL": omonat_url, "OMONAT_KEY": key, "PYTHONUNBUFFERED": "1"}
        with self.output.open("wb") as out:
            self._process = subprocess.Popen(
                _command(name, self.port), cwd=EXAMPLES / name, env=os.environ | known, stdout=out, stderr=out
            )
        self.client = httpx.Client(base_url=self.url, trust_env=False, timeout=60)
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + _STARTS_WITHIN_SECONDS
        while True:
            try:
                self.client.get("/")
                return
            except httpx.TransportError:
                alive = self._process.poll() is None and time.monotonic() < end
                assert alive, f"the site did not start:\n{self.output.read_text()}"
                time.sleep(0.05)

    def form(self, path: str, **headers: str) -> SentForm:
        """The form of a page."""
        return forms_of(self.client.get(path, headers={"Accept-Language": "ru", **headers}).text)[0]

    def send(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        """Send it as a browser does; redirects are not followed."""
        named = {"Origin": self.url, "Accept-Language": "ru", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.client.post(path, data=fields, headers=named)

    def follow(self, answer: httpx.Response) -> httpx.Response:
        """The page that a redirect leads to."""
        return self.client.get(urljoin(self.url, answer.headers["location"]))

    def close(self) -> None:
        self.client.close()
        self._process.terminate()
        self._process.wait()
