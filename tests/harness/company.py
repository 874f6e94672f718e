"""A further site of the company on another port, with the banner of Omonat on it, and a policy that declares it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from harness.installation import Installation, new_installation
from harness.places import free_port
from harness.policy_folder import Folder
from harness.server import Server

SITE = """
[site.shop]
origins = ["{origin}", "http://localhost:1"]

[cookie.omonat_choice]
purpose = "services"
necessary = true
keep_days = 180
first_party = true
[cookie.omonat_choice.labels]
uz-Latn = "shu saytdagi tanlovingizni eslab qolish uchun"
uz-Cyrl = "шу сайтдаги танловингизни эслаб қолиш учун"
ru = "чтобы помнить ваш выбор на этом сайте"
en = "to remember your choice on this site"
"""

TRACKED = """
[cookie.{key}]
purpose = "improve"
necessary = false
keep_days = 90
first_party = true
store = "{store}"
name = "{name}"
[cookie.{key}.labels]
uz-Latn = "xarid yoʻlini koʻrish uchun"
uz-Cyrl = "харид йўлини кўриш учун"
ru = "чтобы видеть путь покупателя"
en = "to see the path of a buyer"
"""

ITEMS = (("track_cookie", "cookie", "_tr*"), ("track_local", "local", "tr.path"), ("track_session", "session", "tr*"),
         ("track_base", "database", "tr-events"))  # fmt: skip


class Answer(NamedTuple):
    """What the site serves at one path."""

    body: str
    kind: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


class CompanySite:
    """A small static site; `asked` holds every path that was asked for, in order."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.pages: dict[str, Answer] = {}
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def put(self, path: str, body: str, kind: str = "text/html; charset=utf-8", **headers: str) -> str:
        """Serve `body` at `path`; its address."""
        self.pages[path] = Answer(body, kind, tuple((name.replace("_", "-"), text) for name, text in headers.items()))
        return self.url + path

    def put_script(self, path: str, body: str) -> str:
        """A script of the site, readable from everywhere, so that integrity can be checked."""
        return self.put(path, body, "text/javascript", Access_Control_Allow_Origin="*")

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                site.asked.append(path)
                found = site.pages.get(path)
                content = (found or Answer("nothing here")).body.encode()
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", found.kind if found else "text/plain")
                self.send_header("Content-Length", str(len(content)))
                for name, text in found.headers if found else ():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        return Handler


def page_with_banner(omonat: str, body: str = "", *, lang: str = "ru", head: str = "", tag: str = "") -> str:
    """A page as its developer writes it: one script tag, text enough to scroll. `tag`: further attributes."""
    text = "".join(f"<p>Абзац {number}. Телефония для вашей компании.</p>" for number in range(1, 25))
    return f"""<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>Магазин</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}
<script src="{omonat}/omonat.js" async {tag}></script>
</head><body><header><a href="/about">О нас</a></header><main><h1>Магазин</h1>{body}{text}</main>
<footer><a href="{omonat}/ru/policy">Политика</a></footer></body></html>"""


def declared_installation(folder: Path, origin: str, extra: str = "") -> Installation:
    """An installation whose policy declares the site and what tracks on it."""
    made = new_installation(folder / "installation")
    policy = Folder(folder)
    policy.change('number = "3.2"', 'number = "3.3"')
    text = SITE.format(origin=origin) + extra
    text += "".join(TRACKED.format(key=key, store=store, name=name) for key, store, name in ITEMS)
    with (policy.path / "policy.toml").open("a", encoding="utf-8") as file:
        file.write(text)
    made.run("policy", "publish", policy.path, "--reason", "The shop asks, too")
    return made


class Company:
    """Omonat and the further site beside it."""

    def __init__(self, folder: Path, extra: str = "") -> None:
        """`extra`: further facts of the policy, with `{port}` for that of the site."""
        self.site = CompanySite()
        self.policy = folder / "policy"
        self.installation = declared_installation(folder, self.site.url, extra.replace("{port}", str(self.site.port)))
        self.omonat = Server(self.installation)

    def page(self, path: str, body: str = "", **options: str) -> str:
        """Put a page with the banner on the site; its address."""
        return self.site.put(path, page_with_banner(self.omonat.url, body, **options))

    def publish(self, number: str, *changes: tuple[str, str]) -> None:
        """Another version of its policy is in force from now on."""
        path = self.policy / "policy.toml"
        text = path.read_text("utf-8")
        now = next(line for line in text.splitlines() if line.startswith("number"))
        for old, new in ((now, f'number = "{number}"'), *changes):
            assert old in text, old
            text = text.replace(old, new, 1)
        path.write_text(text, "utf-8")
        self.installation.run("policy", "publish", self.policy, "--reason", "Another version of the shop's")

    def said(self) -> list[tuple[str, ...]]:
        """Purpose, action, via and language of every choice so far, in order."""
        statement = "SELECT purpose, action, via, language FROM consent_event WHERE channel = 'web' ORDER BY at, rowid"
        return self.installation.rows(statement)

    def close(self) -> None:
        """Stop both."""
        self.omonat.stop()
        self.site.close()
