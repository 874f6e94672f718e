"""Invented people, and a visitor without a browser: an HTTP client that keeps cookies and sends the forms of pages."""

import random
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx

from harness.server import Server

_NO_KEEPING = httpx.Limits(max_keepalive_connections=0)  # nothing to close when a test ends
_LETTERS = "bcdfghjklmnprstvxz"
_HAS_NO_LANGUAGE = re.compile(
    r"/(policy\.json|robots\.txt|sitemap\.xml|favicon\.ico|omonat\.js|healthz|static/|\.well-known/|(uz-Latn|uz-Cyrl|ru|en)(/|$))"
)
_AGENT = "Mozilla/5.0 (Linux; Android 14) Mobile omonat-tests"


class Invented(NamedTuple):
    """Somebody who does not exist. `phone` is E.164, `shown_phone` as people write it."""

    name: str
    phone: str
    email: str

    @property
    def shown_phone(self) -> str:
        return f"{self.phone[:4]} {self.phone[4:6]} {self.phone[6:9]} {self.phone[9:11]} {self.phone[11:]}"


def invent() -> Invented:
    """A fresh person: no two share a name, a phone or an address."""
    word = random_word()
    return Invented(f"{word.capitalize()} Sinovova", f"+99890{random.randrange(10**7):07d}", f"{word}@example.uz")


def random_word(length: int = 12) -> str:
    """Letters that no text, number or id holds by chance."""
    return "".join(random.choice(_LETTERS) for _ in range(length))


class SentForm(NamedTuple):
    """A form as a page shows it: where it goes, and what it sends when nobody types anything."""

    action: str
    method: str
    fields: dict[str, str]


class _Forms(HTMLParser):
    """Reads forms: inputs, text areas and what is ticked; buttons send nothing by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[SentForm] = []
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(SentForm(said.get("action", ""), said.get("method", "get"), {}))
        elif self.forms and tag == "textarea":
            self._area = said["name"]
            self.forms[-1].fields[self._area] = ""
        elif self.forms and tag == "input" and "name" in said:
            ticks = said.get("type") in ("checkbox", "radio")
            if not ticks or any(name == "checked" for name, _ in attrs):
                self.forms[-1].fields[said["name"]] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.forms[-1].fields[self._area] += data.removeprefix("\n")


def forms_of(page: str) -> list[SentForm]:
    """Every form of a page."""
    reader = _Forms()
    reader.feed(page)
    return reader.forms


class Visitor:
    """One person with a program instead of a browser. `cookies` is what a browser would hold."""

    def __init__(self, server: Server, language: str = "uz-Latn", headers: dict[str, str] | None = None) -> None:
        self.server, self.language = server, language
        self.cookies: dict[str, str] = {}
        said = {"User-Agent": _AGENT, "Origin": server.url, **(headers or {})}
        self._client = server.client(headers=said, follow_redirects=False, limits=_NO_KEEPING)

    def get(self, path: str) -> httpx.Response:
        """A page of this visitor's language (`/callback`); redirects are followed."""
        return self._go("GET", self._url(path), None)

    def post(self, path: str, fields: dict[str, str]) -> httpx.Response:
        """Send fields as a form; the answer after redirects."""
        return self._go("POST", self._url(path), fields)

    def send(self, path: str, *, shown_at: str = "", **fields: str) -> httpx.Response:
        """Open a page, fill in the form that goes to `path` and send it. `shown_at`: the page, if it is another."""
        shown = self.get(shown_at or path)
        form = self.form_to(shown, path)
        return self.post(path, {**form.fields, **fields})

    def form_to(self, shown: httpx.Response, path: str) -> SentForm:
        """The form of a page that goes to `path`."""
        return next(form for form in forms_of(shown.text) if form.action == self._url(path))

    def send_form(self, form: str, fields: dict[str, str], news: Iterable[str] = ()) -> httpx.Response:
        """Fill in and send one of the site's forms; the page of thanks, if all is well."""
        return self.send(f"/{form}", **fields, **{f"news_{channel}": "on" for channel in news})

    def sign_in(self, identifier: str) -> httpx.Response:
        """Ask for a code, read it where `--dev` prints it, answer; everything offered is claimed as one's own."""
        before = len(self.server.codes())
        self.send("/my/sign-in", identifier=identifier)
        answer = self.send("/my/code", code=self.server.wait_for_code(before))
        if not answer.url.path.endswith("/my/who"):
            return answer
        form = self.form_to(answer, "/my/who")
        mine = dict.fromkeys(re.findall(r'name="(mine_[^"]+)"', answer.text), "on")
        return self.post("/my/who", {**form.fields, **mine})

    def _url(self, path: str) -> str:
        return path if _HAS_NO_LANGUAGE.match(path) else f"/{self.language}{path}"

    def _go(self, method: str, path: str, fields: dict[str, str] | None) -> httpx.Response:
        for _ in range(6):
            said = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
            said = said if self.cookies else {}
            if fields is not None:  # httpx says nothing about a form without fields; browsers do
                said["Content-Type"] = "application/x-www-form-urlencoded"
            answer = self._client.request(method, path, data=fields, headers=said)
            self._keep(answer)
            if not answer.is_redirect:
                return answer
            method, fields, path = "GET", None, _path(urljoin(path, answer.headers["location"]))
        raise AssertionError("redirected in a circle")

    def _keep(self, answer: httpx.Response) -> None:
        for line in answer.headers.get_list("set-cookie"):
            for name, crumb in SimpleCookie(line).items():
                if crumb["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = crumb.value


def _path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def case_of(thanks: httpx.Response | str) -> str:
    """The case number that the page of thanks names in its address."""
    found = re.search(r"[?&]case=([0-9a-f-]{36})", str(thanks if isinstance(thanks, str) else thanks.url))
    assert found, f"no case: {thanks}"
    return found[1]
