"""What happens when a form of a site is opened or sent, without any framework and without sending anything itself.

`SiteForms.serve` is a generator: it yields the calls to the API and is given their answers (or their problems), and
returns the page. `carry` and `carry_async` drive it with either client.
"""

from collections.abc import Callable, Generator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

from omonat.client.calls import Call
from omonat.client.clients import AsyncOmonat, Omonat
from omonat.client.generated.operations import Operations
from omonat.client.generated.shapes import BrowserEvidence, Form
from omonat.client.problems import OmonatProblem
from omonat.client.sites.choice import told_choice
from omonat.client.sites.pages import (
    DOMAIN,
    LANGUAGE,
    NEWS,
    NEWS_NOTICE,
    NOTICE,
    ONCE,
    Shown,
    State,
    form_page,
    thanks_page,
    unavailable_page,
    whole_page,
)
from omonat.kernel.language import LANGUAGES, translate, wanted_language

MOST_BYTES = 100_000
MOST_FIELDS = 100
MOST_OF_CHOICE = 4000
PATIENCE = 8.0  # seconds: somebody waits for the page
TRIES = 2
REMEMBER = 40
_CHANGED = "The text below was changed while you were filling in the form. Please read it and send again."
Render = Callable[[Shown], str]


class Came(NamedTuple):
    """What a browser asked for. `headers`: lower-case names. `address`: of the browser."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    address: str


class Page(NamedTuple):
    """The answer to it."""

    status: int
    headers: dict[str, str]
    body: bytes


class SiteForms:
    """The forms of one site. `forms`: path of the site to the name of a form in the policy.

    `page` puts what is shown into the site's own template; without it the page is bare. `language`: one for all pages;
    else the reader's. `proxies`: how many reverse proxies of your own stand before the site; each adds one address to
    X-Forwarded-For.
    """

    def __init__(
        self, forms: Mapping[str, str], base_url: str, *, page: Render = whole_page, language: str = "",
        proxies: int = 0,
    ) -> None:  # fmt: skip
        self.forms, self._base, self._page = dict(forms), base_url.rstrip("/"), page
        self._language, self._proxies = language, proxies

    def takes(self, method: str, path: str) -> bool:
        """Whether the middleware answers this itself."""
        return path in self.forms and method in ("GET", "HEAD", "POST")

    def serve(self, came: Came, body: bytes) -> Generator[Call[Any], Any, Page]:
        """The page for it. Raises nothing that has to do with Omonat."""
        query = dict(parse_qsl(came.query, keep_blank_values=True))
        if came.method != "POST":
            return self._out((yield from self._open(came, query)))
        if is_cross_site(came.headers):
            return Page(403, {"content-type": "text/plain"}, b"This form was sent from another site.")
        try:
            posted = dict(reversed(parse_qsl(body.decode("ascii"), True, errors="strict", max_num_fields=MOST_FIELDS)))
        except ValueError:
            return Page(400, {"content-type": "text/plain"}, b"This form cannot be read.")
        return (yield from self._take(came, posted))

    def _open(self, came: Came, query: Mapping[str, str]) -> Generator[Call[Any], Any, Shown]:
        language = self._wanted(came, query.get("lang", ""))
        if "sent" in query:
            return thanks_page(language, "".join(c for c in query["sent"] if c in "0123456789abcdef-")[:36])
        try:
            form = yield self._read(self.forms[came.path], language)
        except OmonatProblem:
            return unavailable_page(language, None)
        return self._shown(form, State(str(uuid4()), {}, {}), 200)

    def _take(self, came: Came, posted: dict[str, str]) -> Generator[Call[Any], Any, Page]:
        language = self._wanted(came, posted.get(LANGUAGE, ""))
        try:
            form: Form = yield self._read(self.forms[came.path], language)
            try:
                taken = yield self._submission(form, came, posted)
            except OmonatProblem as problem:
                return self._out(self._again(form, posted, problem))
        except OmonatProblem:
            return self._out(unavailable_page(language, posted))
        after = urlencode({"lang": language, "sent": str(taken.case_id or "")})
        # Relative, so that it leads back to the form wherever the site is mounted.
        return Page(303, {"location": f"?{after}", "cache-control": "no-store"}, b"")

    def _read(self, name: str, language: str) -> Call[Form]:
        return Operations.get_form.build(name, language=language).speaking(language)  # type: ignore[arg-type]  # looked up

    def _submission(self, form: Form, came: Came, posted: Mapping[str, str]) -> Call[Any]:
        """Only the declared fields, the texts that stood there, and of the browser what the policy declares."""
        shows = {"ip_address": self._address(came)[:60], "browser": came.headers.get("user-agent", "")[:400]}
        evidence = BrowserEvidence(**{name: shows[name] for name in form.evidence if name in shows})
        news = {
            name.removeprefix(NEWS_NOTICE): text for name, text in posted.items()
            if name.startswith(NEWS_NOTICE) and NEWS + name.removeprefix(NEWS_NOTICE) in posted
        }  # fmt: skip
        return Operations.submit_form.build(
            form.form, language=form.language, notice=posted.get(NOTICE, "")[:64].rjust(64, "0"), news=news,  # type: ignore[arg-type]  # one of LANGUAGES
            fields={one.name: posted.get(one.name, "") for one in form.fields}, evidence=evidence,
            choice=told_choice(came.headers)[:MOST_OF_CHOICE], idempotency_key=_once(posted),
        ).speaking(form.language)  # fmt: skip

    def _again(self, form: Form, posted: Mapping[str, str], problem: OmonatProblem) -> Shown:
        """The form once more, with what was typed; a fresh name, because what is sent now is another act."""
        once, said = str(uuid4()), translate(form.language, DOMAIN, _CHANGED)
        if problem.code == "policy_changed":
            typed = {
                name: text for name, text in posted.items() if not name.startswith(NEWS)
            }  # another text: asked anew
            return self._shown(form, State(once, typed, {}, said), 409)
        if problem.code == "invalid_input":
            problems = {name.removeprefix("fields."): text for name, text in problem.problems.items()}
            return self._shown(form, State(once, posted, problems), 422)
        raise problem

    def _shown(self, form: Form, state: State, status: int) -> Shown:
        return form_page(form, state, f"{self._base}/{form.language}/policy", status=status)

    def _out(self, shown: Shown) -> Page:
        headers = {
            "content-type": "text/html; charset=utf-8", "content-language": shown.language, "cache-control": "no-store",
        }  # fmt: skip
        if shown.status == 503:
            headers["retry-after"] = "120"
        return Page(shown.status, headers, self._page(shown).encode())

    def _wanted(self, came: Came, said: str) -> str:
        if self._language or said in LANGUAGES:
            return self._language or said
        return wanted_language(came.headers.get("accept-language", ""))

    def _address(self, came: Came) -> str:
        """The browser's, seen past one's own proxies only: what stands further left anybody can write."""
        if not self._proxies:
            return came.address
        told = [one.strip() for one in came.headers.get("x-forwarded-for", "").split(",")]
        return told[-self._proxies] if len(told) >= self._proxies else came.address


def _once(posted: Mapping[str, str]) -> str:
    """The name of this one showing of the form, so that sending it twice is taken once."""
    name = posted.get(ONCE, "")
    return name if 16 <= len(name) <= 64 and name.isascii() and name.isprintable() and " " not in name else str(uuid4())


def is_cross_site(headers: Mapping[str, str]) -> bool:
    """Whether a form was sent from a page of another site: browsers say so, and others have no visitor's cookies.

    Sec-Fetch-Site is believed before Origin, which a reverse proxy that changes Host makes look foreign.
    """
    fetched = headers.get("sec-fetch-site", "")
    if fetched:
        return fetched not in ("same-origin", "none")
    origin = headers.get("origin", "")
    return bool(origin) and origin.partition("://")[2] != headers.get("host", "")


def carry(serving: Generator[Call[Any], Any, Page], client: Omonat) -> Page:
    """Drive it with the client that answers."""
    call, answer = next_of(serving), None
    while not isinstance(call, Page):
        try:
            answer = client.send(call)
        except OmonatProblem as problem:
            call = next_of(serving, problem=problem)
            continue
        call = next_of(serving, answer)
    return call


async def carry_async(serving: Generator[Call[Any], Any, Page], client: AsyncOmonat) -> Page:
    """Drive it with the client that is awaited."""
    call, answer = next_of(serving), None
    while not isinstance(call, Page):
        try:
            answer = await client.send(call)
        except OmonatProblem as problem:
            call = next_of(serving, problem=problem)
            continue
        call = next_of(serving, answer)
    return call


def next_of(
    serving: Generator[Call[Any], Any, Page], answer: Any = None, *, problem: OmonatProblem | None = None
) -> Call[Any] | Page:
    """The next call, or the page."""
    try:
        return serving.throw(problem) if problem is not None else serving.send(answer)
    except StopIteration as end:
        page: Page = end.value
        return page
