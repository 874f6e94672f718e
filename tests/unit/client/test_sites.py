"""Forms on a connected site without any framework: what is asked of the API, what is shown, whom one believes."""

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.client import OmonatProblem, OmonatUnreachable
from omonat.client.calls import Call
from omonat.client.generated.shapes import Form, Submission
from omonat.client.sites import Shown, SiteForms
from omonat.client.sites.serving import Came, Page, carry, is_cross_site
from omonat.kernel.codec import from_json
from omonat.kernel.language import LANGUAGES

ID = "0193a5c4-7e1f-7c3a-9d6e-2b7f4a1c8e55"
HEADERS = {"host": "site.example", "origin": "https://site.example", "user-agent": "Browser/1", "accept-language": "ru"}


def declared(*, evidence: tuple[str, ...] = (), news: Mapping[str, str] = {}) -> Form:
    fields = [
        {"name": "name", "kind": "name", "required": True, "max_length": 100, "label": "Имя <i>"},
        {"name": "message", "kind": "text", "required": False, "max_length": 4000, "label": "Сообщение"},
    ]
    texts = {channel: {"text": text, "hash": "b" * 64} for channel, text in news.items()}
    return from_json(
        json.dumps(
            {"form": "callback", "policy": "3.2", "language": "ru", "label": "Звонок", "purpose": "support",
             "ground": "consent", "fields": fields, "notice": {"text": "Я согласен & всё", "hash": "a" * 64},
             "news": texts, "evidence": list(evidence)}
        ).encode(), Form,
    )  # fmt: skip


class Api:
    """In place of the client: gives the form, and what `taken` says to a submission."""

    def __init__(self, form: Form | Exception, taken: Exception | None = None) -> None:
        self.form, self.taken, self.calls = form, taken, list[Call[Any]]()

    def send(self, call: Call[Any]) -> Any:
        self.calls.append(call)
        outcome = self.form if call.method == "GET" else self.taken
        if isinstance(outcome, Exception):
            raise outcome
        made = Submission(submission_id=ID, subject_id=ID, case_id=ID, due_at=None)  # type: ignore[arg-type]
        return outcome if outcome is not None else made

    @property
    def sent(self) -> dict[str, Any]:
        """The body of the submission."""
        return from_json(self.calls[-1].body or b"", dict[str, Any])


def sites(**options: Any) -> SiteForms:
    return SiteForms({"/callback": "callback"}, "https://omonat.example/", **options)


def get(api: Api, query: str = "", made: SiteForms | None = None, **headers: str) -> Page:
    came = Came("GET", "/callback", query, {**HEADERS, **headers}, "192.0.2.9")
    return carry((made or sites()).serve(came, b""), api)  # type: ignore[arg-type]


def post(api: Api, fields: Mapping[str, str], made: SiteForms | None = None, **headers: str) -> Page:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    came = Came("POST", "/callback", "", {**HEADERS, **named}, "192.0.2.9")
    return carry((made or sites()).serve(came, urlencode(fields).encode()), api)  # type: ignore[arg-type]


FIELDS = {"omonat_once": "0123456789abcdef0", "omonat_language": "ru", "omonat_notice": "a" * 64, "name": "Дилноза",
          "message": "", "stranger": "x"}  # fmt: skip


def test_only_declared_fields_and_declared_evidence_leave() -> None:
    api = Api(declared())
    assert post(api, FIELDS).status == 303
    assert api.sent["fields"] == {"name": "Дилноза", "message": ""} and api.sent["notice"] == "a" * 64
    assert not api.sent.get("evidence") and api.calls[-1].headers["Idempotency-Key"] == FIELDS["omonat_once"]
    api = Api(declared(evidence=("ip_address", "browser")))
    post(api, FIELDS)
    assert api.sent["evidence"] == {"ip_address": "192.0.2.9", "browser": "Browser/1"}


@pytest.mark.parametrize(("proxies", "told", "seen"), [
    (0, "198.51.100.1", "192.0.2.9"), (1, "198.51.100.1", "198.51.100.1"),
    (1, "203.0.113.66, 198.51.100.1", "198.51.100.1"), (2, "203.0.113.66, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
    (2, "198.51.100.1", "192.0.2.9"),
])  # fmt: skip
def test_the_address_is_seen_past_ones_own_proxies_only(proxies: int, told: str, seen: str) -> None:
    api = Api(declared(evidence=("ip_address",)))
    post(api, FIELDS, sites(proxies=proxies), x_forwarded_for=told)
    assert api.sent["evidence"] == {"ip_address": seen}


def test_news_take_their_own_tick_and_text() -> None:
    api = Api(declared(news={"email": "Новости", "sms": "SMS"}))
    page = get(api).body.decode()
    assert page.count('type="checkbox"') == 2 and "checked" not in page
    post(
        api,
        {**FIELDS, "omonat_news_notice_email": "b" * 64, "omonat_news_notice_sms": "b" * 64, "omonat_news_sms": "on"},
    )
    assert api.sent["news"] == {"sms": "b" * 64}


def test_the_reader_gets_his_language_and_the_site_its_own() -> None:
    api = Api(declared())
    get(api)
    get(api, "lang=en")
    get(api, "lang=xx")
    get(api, made=sites(language="uz-Latn"))
    asked = [call.query["language"] for call in api.calls]
    assert asked == ["ru", "en", "ru", "uz-Latn"]
    assert [call.headers["Accept-Language"] for call in api.calls] == asked


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_every_language(language: str) -> None:
    down = Api(OmonatUnreachable(code="unreachable", status=0, title="t"))
    pages = [get(down, f"lang={language}"), get(down, f"lang={language}&sent={ID}")]
    assert [page.status for page in pages] == [503, 200] and all(f'lang="{language}"' in p.body.decode() for p in pages)
    assert ("Thank you" in pages[1].body.decode()) == (language == "en") and ID in pages[1].body.decode()


@pytest.mark.parametrize("problem", [
    OmonatUnreachable(code="unreachable", status=0, title="t"), OmonatProblem(code="key_needed", status=401, title="t"),
    OmonatProblem(code="overloaded", status=503, title="t"), OmonatProblem(code="internal", status=500, title="t"),
])  # fmt: skip
def test_nothing_is_taken_and_nothing_is_lost(problem: OmonatProblem) -> None:
    for api in (Api(problem), Api(declared(), problem)):
        page = post(api, FIELDS)
        assert page.status == 503 and page.headers["retry-after"] and "Дилноза" in page.body.decode()
        assert f'name="omonat_once" value="{FIELDS["omonat_once"]}"' in page.body.decode()


def test_problems_stand_beside_their_fields() -> None:
    problems = {"name": "Заполните.", "fields.message": "Длинно.", "other": "Иное <b>."}
    api = Api(declared(), OmonatProblem(code="invalid_input", status=422, title="t", problems=problems))
    page = post(api, {**FIELDS, "message": "</textarea><script>"}).body.decode()
    assert (
        'id="name-problem">Заполните.' in page and 'id="message-problem">Длинно.' in page and "Иное &lt;b&gt;." in page
    )
    assert "<script>" not in page and FIELDS["omonat_once"] not in page


@pytest.mark.parametrize(("headers", "cross"), [
    ({}, False), ({"origin": "https://a.example", "host": "a.example"}, False),
    ({"origin": "https://b.example", "host": "a.example"}, True), ({"origin": "null", "host": "a.example"}, True),
    ({"sec-fetch-site": "same-origin"}, False), ({"sec-fetch-site": "none"}, False),
    ({"sec-fetch-site": "same-origin", "origin": "https://a.example", "host": "10.0.0.1"}, False),
    ({"sec-fetch-site": "cross-site", "origin": "https://a.example", "host": "a.example"}, True),
    ({"sec-fetch-site": "cross-site"}, True), ({"sec-fetch-site": "same-site"}, True),
    ({"origin": "http://a.example:8000", "host": "a.example:8000"}, False),
    ({"origin": "http://a.example:8000", "host": "a.example"}, True),
])  # fmt: skip
def test_a_form_of_another_site_is_known(headers: dict[str, str], cross: bool) -> None:
    assert is_cross_site(headers) == cross
    api = Api(declared())
    if cross:
        post_headers = {"host": "a.example", **headers}
        came = Came("POST", "/callback", "", post_headers, "")
        assert carry(sites().serve(came, urlencode(FIELDS).encode()), api).status == 403  # type: ignore[arg-type]
        assert api.calls == []


def test_what_is_no_form_is_refused() -> None:
    came = Came("POST", "/callback", "", HEADERS, "")
    for body in ("é".encode(), urlencode({str(n): "x" for n in range(200)}).encode()):
        assert carry(sites().serve(came, body), Api(declared())).status == 400  # type: ignore[arg-type]
    made = sites()
    assert made.takes("GET", "/callback") and not made.takes("GET", "/other") and not made.takes("PUT", "/callback")


def test_a_site_gives_its_own_page() -> None:
    seen: list[Shown] = []

    def render(shown: Shown) -> str:
        seen.append(shown)
        return f"<nav></nav>{shown.html}"

    page = get(Api(declared()), made=sites(page=render))
    assert page.body.startswith(b"<nav></nav>") and seen[0].what == "form" and seen[0].fields[0].name == "name"
    assert "https://omonat.example/ru/policy" in seen[0].html


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        said = dict(attrs)
        self.values[said.get("name") or ""] = said.get("value") or ""


@given(st.dictionaries(st.sampled_from(["name", "message", "omonat_once", "omonat_notice", "x"]), st.text(max_size=40)))
def test_whatever_is_typed_stays_text(typed: dict[str, str]) -> None:
    fine, down = Tags(), Tags()
    refused = OmonatProblem(code="invalid_input", status=422, title="t", problems={"name": "x"})
    typed = {name: text.encode("utf-8", "ignore").decode() for name, text in typed.items()}
    fine.feed(post(Api(declared(), refused), typed).body.decode())
    down.feed(post(Api(OmonatUnreachable(code="u", status=0, title="t")), typed).body.decode())
    assert not {"script", "img", "svg", "iframe"} & {*fine.seen, *down.seen}
    assert fine.seen.count("form") == 1 and down.seen.count("form") == 1
    if "\r" not in typed.get("name", "") and "name" in typed:
        assert fine.values["name"] == typed["name"] == down.values["name"]
