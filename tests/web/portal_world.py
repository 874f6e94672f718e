"""People at the portal: an installation in this process, browsers on it, and the letters that it sends."""

import io
import re
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from httpx import Response
from litestar.testing import TestClient

from harness.real_policy import publish_real_policy
from omonat.app import Omonat
from omonat.cli.installation import set_up
from omonat.intake import Evidence
from omonat.kernel.secret import Sealed
from omonat.notify import ConsoleChannel
from omonat.web import create_asgi

SESSION = "__Host-omonat_session"
ORDER = {
    "name": "Oʻgʻiloy Saʼdiyeva", "phone": "+998901234567", "email": "ogiloy@example.uz",
    "service": "IP telefoniya", "comment": "Ertalab yozing",
}  # fmt: skip
CONTACT = {"name": "Begona Kishi", "email": "begona@example.uz", "message": "Boshqa odamning xati"}


class World:
    """One installation with the real policy. `browser()` is a fresh person's browser."""

    def __init__(self, folder: Path, key_provider: str = "") -> None:
        set_up(
            folder / "data", folder / "keys", admin="admin", database="", keys_database="",
            base_url="https://localhost", key_provider=key_provider,
        )  # fmt: skip
        self.omonat = Omonat.open(folder / "data")
        now = self.omonat.clock.now()
        publish_real_policy(self.omonat.policies, self.omonat.actor(), now)
        self.letters = io.StringIO()
        for kind in ("email", "sms"):
            self.omonat.channels[kind] = ConsoleChannel(kind, "localhost", out=self.letters)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a host without a dot is what we serve on
            client = TestClient(create_asgi(self.omonat), base_url="https://localhost", raise_server_exceptions=False)
        self._served = ExitStack()
        self.client = self._served.enter_context(client)

    def submit(self, form: str, fields: dict[str, str], *news: str) -> None:
        """Somebody sends a form of the site."""
        intake, now = self.omonat.intake, self.omonat.clock.now()
        state = intake.prepare(form, "uz-Latn", now).state
        evidence = Evidence(Sealed("203.0.113.7"), Sealed("Firefox/140"))
        intake.submit(form, state, fields, frozenset(news), evidence=evidence, now=now)

    def close(self) -> None:
        self._served.close()
        self.omonat.close()

    def browser(self) -> "Browser":
        """A fresh person's browser."""
        return Browser(self, self.client)

    def code(self, challenge_id: str) -> str:
        """What the person reads in the letter with the code."""
        self.letters.seek(0)
        self.letters.truncate()
        self.omonat.sign_in.send_sign_in_code({"challenge": challenge_id})
        found = re.search(r"(?<!\d)\d{6}(?!\d)", self.letters.getvalue())
        assert found, f"no code in: {self.letters.getvalue()!r}"
        return found[0]


class Browser:
    """Gets pages and sends their forms as a person would: with its own cookies and the token of the page."""

    def __init__(self, world: World, client: TestClient[Any]) -> None:
        self.world, self._client = world, client
        self.language = "en"
        self.cookies: dict[str, str] = {}
        self.page: Response | None = None

    def path(self, path: str) -> str:
        return f"/{self.language}/my{path}"

    def send(
        self, method: str, address: str, *, follow: bool = True, site: str = "same-origin", **options: Any
    ) -> Response:
        """One call, and the redirects that it leads to."""
        headers = {"sec-fetch-site": site}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._client.cookies.clear()
        answer = self._client.request(method, address, headers=headers, follow_redirects=False, **options)
        for line in answer.headers.get_list("set-cookie"):
            self._keep(line)
        if follow and answer.is_redirect:
            return self.send("GET", answer.headers["location"])
        return answer

    def _keep(self, line: str) -> None:
        name, _, value = line.partition(";")[0].partition("=")
        if "max-age=0" in line.lower():
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value.strip('"')

    def get(self, path: str = "") -> Response:
        self.page = self.send("GET", self.path(path))
        return self.page

    def post(self, path: str, *, follow: bool = True, **fields: str) -> Response:
        """Send a form of the page that one is on."""
        assert self.page is not None
        token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', self.page.text)
        sent = {"csrf_token": token[1], **fields} if token else fields
        answer = self.send("POST", self.path(path), follow=follow, data=sent)
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        if is_page and answer.status_code in (200, 422):  # from the others one goes back
            self.page = answer
        return answer

    @property
    def token(self) -> str:
        return self.cookies.get(SESSION, "")

    def ask(self, identifier: str) -> Response:
        self.get("/sign-in")
        return self.post("/sign-in", identifier=identifier)

    def sign_in(self, identifier: str) -> Response:
        """From the field to my data, ticking everything that is offered."""
        self.ask(identifier)
        code = self.world.code(self.token.rpartition(".")[2])
        answer = self.post("/code", code=code)
        if answer.url.path.endswith("/who"):
            answer = self.post("/who", **dict.fromkeys(re.findall(r'name="(mine_[0-9a-f-]+)"', answer.text), "on"))
        assert answer.url.path == self.path(""), answer.text
        return answer
