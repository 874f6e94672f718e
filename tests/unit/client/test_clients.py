"""Both clients against an API that answers as told: tries, waits, idempotency keys, ETags, errors, pages."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from harness.apart import run_apart
from harness.places import REPOSITORY
from omonat.client import AsyncOmonat, Omonat, OmonatProblem, OmonatUnreachable, clients
from omonat.client.generated.operations import Operations
from omonat.client.generated.shapes import Case, CaseLine

ID = "0193a5c4-7e1f-7c3a-9d6e-2b7f4a1c8e55"
LINE = {
    "case_id": ID, "subject_id": ID, "kind": "contact", "state": "open", "opened_at": "2026-11-22T10:00:00Z",
    "due_at": "2026-12-02T18:59:59Z", "term": "answer", "closed_at": None, "outcome": None, "details": {},
}  # fmt: skip
CASE = {**LINE, "steps": [{"at": "2026-11-22T10:00:00Z", "actor": "subject", "kind": "opened", "details": {}}]}
BUSY = httpx.Response(503, headers={"Retry-After": "2"}, json={"code": "overloaded", "title": "Busy."})
Act = Callable[[Any], Any]


class Api:
    """Answers from a list, the last one for ever; an exception is raised instead. Keeps what was sent."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[httpx.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.fixture(params=["sync", "async"])
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`run(api, lambda omonat: omonat.get_case(...))`: by either client; waiting is noted, not done."""
    waits: list[float] = []

    async def no_wait(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(clients.time, "sleep", waits.append)
    monkeypatch.setattr(clients.asyncio, "sleep", no_wait)

    def by_sync(api: Api, act: Act, **options: Any) -> Any:
        api.waits = waits
        with Omonat("https://omonat.example", "omk_x", transport=httpx.MockTransport(api), **options) as omonat:
            return act(omonat)

    def by_async(api: Api, act: Act, **options: Any) -> Any:
        api.waits = waits

        async def whole() -> Any:
            transport = httpx.MockTransport(api)
            async with AsyncOmonat("https://omonat.example", "omk_x", transport=transport, **options) as omonat:
                answer = act(omonat)
                if hasattr(answer, "__aiter__"):
                    return [one async for one in answer]
                return await answer

        return run_apart(whole())

    return by_sync if request.param == "sync" else by_async


def ok(body: object, **headers: str) -> httpx.Response:
    return httpx.Response(200, json=body, headers=headers)


def test_an_answer_is_a_typed_struct(run: Callable[..., Any]) -> None:
    api = Api(ok(CASE, ETag='"a"'))
    case = run(api, lambda omonat: omonat.get_case(ID), language="ru")
    assert isinstance(case, Case) and str(case.case_id) == ID and case.steps[0].kind == "opened" and case.etag == '"a"'
    (sent,) = api.sent
    assert sent.url == f"https://omonat.example/api/v1/cases/{ID}" and sent.method == "GET"
    assert sent.headers["authorization"] == "Bearer omk_x" and sent.headers["accept-language"] == "ru"
    assert "idempotency-key" not in sent.headers


def test_a_write_keeps_its_idempotency_key_over_every_try(run: Callable[..., Any]) -> None:
    api = Api(httpx.ConnectError("down"), BUSY, httpx.ReadTimeout("slow"), ok(CASE))
    act = lambda omonat: omonat.close_case(ID, outcome="answered", if_match='"a"')  # noqa: E731
    assert isinstance(run(api, act), Case)
    keys = {request.headers["idempotency-key"] for request in api.sent}
    assert len(api.sent) == 4 and len(keys) == 1 and len(keys.pop()) >= 32
    assert api.waits[1] >= 2  # as Retry-After asks
    assert json.loads(api.sent[0].content) == {"outcome": "answered"} and api.sent[0].headers["if-match"] == '"a"'
    run(api, act)
    assert api.sent[-1].headers["idempotency-key"] != api.sent[0].headers["idempotency-key"]
    run(api, lambda omonat: omonat.close_case(ID, outcome="refused", reason="not_a_demand", if_match='"a"',
                                              idempotency_key="mine"))  # fmt: skip
    assert api.sent[-1].headers["idempotency-key"] == "mine"


def test_what_was_read_is_given_back_as_if_match(run: Callable[..., Any]) -> None:
    api = Api(ok(CASE, ETag='"of-this"'))
    case = run(api, lambda omonat: omonat.get_case(ID))
    run(api, lambda omonat: omonat.close_case(case.case_id, outcome="answered", if_match=case))
    assert api.sent[-1].headers["if-match"] == '"of-this"'


@pytest.mark.parametrize("answer", [BUSY, httpx.Response(502), httpx.ConnectError("down"), httpx.ReadError("cut")])
def test_after_the_last_try_it_says_so(run: Callable[..., Any], answer: Any) -> None:
    api = Api(answer)
    with pytest.raises(OmonatProblem) as raised:
        run(api, lambda omonat: omonat.list_forms(), tries=3)
    assert len(api.sent) == 3 and len(api.waits) == 2
    assert raised.value.code == ("overloaded" if answer is BUSY else "unreachable")
    assert isinstance(raised.value, OmonatUnreachable) == (answer is not BUSY)


def test_a_long_wait_is_left_to_the_caller(run: Callable[..., Any]) -> None:
    api = Api(httpx.Response(429, headers={"Retry-After": "300"}, json={"code": "too_many_requests", "title": "t"}))
    with pytest.raises(OmonatProblem) as raised:
        run(api, lambda omonat: omonat.list_forms())
    assert len(api.sent) == 1 and raised.value.retry_after == 300


def test_a_refusal_is_not_repeated(run: Callable[..., Any]) -> None:
    facts = {"code": "invalid_input", "title": "Look again.", "detail": "d", "problems": {"fields.phone": "Wrong."}}
    api = Api(httpx.Response(422, json=facts))
    with pytest.raises(OmonatProblem) as raised:
        run(api, lambda omonat: omonat.submit_form("callback", language="ru", notice="0" * 64, fields={"phone": "x"}))
    problem = raised.value
    assert (problem.code, problem.status, problem.problems) == ("invalid_input", 422, {"fields.phone": "Wrong."})
    assert len(api.sent) == 1 and "invalid_input" in str(problem) and api.waits == []


def test_a_first_call_that_still_runs_is_waited_for(run: Callable[..., Any]) -> None:
    api = Api(httpx.Response(409, headers={"Retry-After": "1"}, json={"code": "in_progress", "title": "t"}), ok(CASE))
    assert run(api, lambda omonat: omonat.suspend_person(ID)).kind == "contact" and len(api.sent) == 2


@pytest.mark.parametrize("body", [b"<html>", b'{"case_id": 3}', b"[]", b"\xff"])
def test_what_is_no_answer_of_omonat_is_told_so(run: Callable[..., Any], body: bytes) -> None:
    with pytest.raises(OmonatProblem) as raised:
        run(Api(httpx.Response(200, content=body)), lambda omonat: omonat.get_case(ID))
    assert raised.value.code == "unknown"
    with pytest.raises(OmonatProblem):
        run(Api(httpx.Response(404, content=body)), lambda omonat: omonat.get_case(ID))


def test_a_list_goes_on_with_its_cursor(run: Callable[..., Any]) -> None:
    api = Api(ok({"items": [LINE, LINE], "next": "c1"}), ok({"items": [LINE], "next": None}))
    cases = list(run(api, lambda omonat: _each(omonat)))
    assert len(cases) == 3 and all(isinstance(case, CaseLine) for case in cases)
    assert [request.url.params.get("cursor") for request in api.sent] == [None, "c1"]
    assert {request.url.params["state"] for request in api.sent} == {"open"}


def _each(omonat: Any) -> Any:
    found = omonat.list_cases.each(state="open")
    return found if omonat.is_async else list(found)


def test_an_answer_that_has_not_changed_is_not_sent_again(run: Callable[..., Any]) -> None:
    api = Api(ok(CASE, ETag='"a"'), httpx.Response(304), ok(CASE | {"state": "done"}, ETag='"b"'))

    def thrice(omonat: Any) -> Any:
        if not omonat.is_async:
            return [omonat.get_case(ID) for _ in range(3)]

        async def each() -> Any:
            return [await omonat.get_case(ID) for _ in range(3)]

        return each()

    first, second, third = run(api, thrice, remember=5)
    assert first == second and second.etag == '"a"' and third.state == "done"
    assert [request.headers.get("if-none-match") for request in api.sent] == [None, '"a"', '"a"']
    api = Api(ok(CASE, ETag='"a"'))
    run(api, thrice)
    assert all("if-none-match" not in request.headers for request in api.sent)  # nothing is kept unasked


def test_what_stands_in_a_path_stays_there(run: Callable[..., Any]) -> None:
    api = Api(httpx.Response(404, json={"code": "not_found", "title": "t"}))
    for name in ("../people/find", "a/b", "x?y", "x#y"):
        with pytest.raises(OmonatProblem):
            run(api, lambda omonat, name=name: omonat.get_form(name))
        assert api.sent[-1].url.raw_path.startswith(b"/api/v1/forms/") and b"/" not in api.sent[-1].url.raw_path[14:]


@pytest.mark.parametrize("address", ["http://omonat.example", "ftp://omonat.example", "omonat.example"])
def test_a_key_is_not_sent_in_clear(address: str) -> None:
    for kind in (Omonat, AsyncOmonat):
        with pytest.raises(ValueError, match="https only"):
            kind(address, "omk_x")


def test_every_operation_of_the_api_is_a_method() -> None:
    description = json.loads((REPOSITORY / "docs" / "api" / "openapi.json").read_text("utf-8"))
    ids = {one["operationId"] for by in description["paths"].values() for one in by.values()}
    snake = {"".join(f"_{c.lower()}" if c.isupper() else c for c in name) for name in ids}
    assert {name for name in vars(Operations) if not name.startswith("_")} == snake and len(ids) > 20


def test_the_client_is_made_of_the_description() -> None:
    script = REPOSITORY / "scripts" / "client_code.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_client_brings_nothing_of_the_server() -> None:
    code = "import omonat.client, omonat.client.webhooks, sys; print(' '.join(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"httpx", "msgspec", "omonat.client"} <= loaded
    assert not loaded & {"litestar", "sqlalchemy", "cryptography", "dbos", "omonat.storage", "omonat.app", "fastapi"}
    ours = {name.split(".")[1] for name in loaded if name.startswith("omonat.")}
    assert ours == {"client", "kernel"}
