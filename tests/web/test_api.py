"""/api/v1 over HTTP: who may call, repeats, races, pages, conditional reads and writes, browsers, traces."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from harness.installation import Installation, new_installation
from harness.places import REPOSITORY
from harness.programs import Program, installed_key, maker
from harness.server import Server
from omonat.app import Omonat
from omonat.kernel.secret import Sealed
from omonat.staff import RIGHTS
from omonat.web.api.description import description
from omonat.web.api.operations import OPERATIONS, STRANGER, Operation

PERSON = {"name": "Dilnoza Karimova", "email": "dilnoza.k@example.uz", "message": "Qoʻngʻiroq qiling"}
NOT_THERE = "01a20511-0000-7000-8000-000000000000"
OURS, THEIRS = "https://www.example.uz", "https://evil.example"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    made = new_installation(tmp_path_factory.mktemp("api"), adopt=False)
    settings = made.data / "omonat.toml"
    settings.write_text(f"api_calls_per_minute = 5000\n{settings.read_text('utf-8')}", "utf-8")
    return made


@pytest.fixture(scope="module")
def server(installation: Installation) -> Iterator[Server]:
    running = Server(installation)
    yield running
    running.kill9()


@pytest.fixture(scope="module")
def program(server: Server) -> Program:
    return Program(server, installed_key(server.installation))


def path_of(operation: Operation) -> str:
    return re.sub(r"\{(\w+)\}", lambda place: NOT_THERE if place[1].endswith("_id") else "word", operation.path)


def called(client: httpx.Client, operation: Operation) -> httpx.Response:
    body = {} if operation.sent is None else {"json": {}}
    return client.request(operation.method, f"/api/v1{path_of(operation)}", **body)


def code(answer: httpx.Response) -> str:
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text[:200]
    return str(answer.json()["code"])


# --- who may call ---------------------------------------------------------------------------------------------------


def test_every_operation_names_a_right(program: Program) -> None:
    assert len(OPERATIONS) > 80
    assert [one.id for one in OPERATIONS if one.right not in {*RIGHTS, STRANGER}] == []
    assert len({one.id for one in OPERATIONS}) == len(OPERATIONS)


def test_without_a_key_nothing_is_answered(server: Server) -> None:
    with server.client() as client:
        for one in OPERATIONS:
            answer = called(client, one)
            assert (answer.status_code, code(answer)) == (401, "key_needed"), one.id
            assert answer.headers["www-authenticate"].startswith("Bearer")


def test_each_right_opens_its_operations_and_no_other(server: Server, installation: Installation) -> None:
    """Every operation × a key with its right, and one with every other right."""
    wrong = []
    for right in sorted({one.right for one in OPERATIONS}):
        has = Program(server, installed_key(installation, right)).client
        lacks = Program(server, installed_key(installation, *(set(RIGHTS) - {right}))).client
        for one in OPERATIONS:
            if one.right == right:
                with_it, without = called(has, one), called(lacks, one)
                refused = without.status_code == 403 and code(without) == "not_allowed"
                if not refused or with_it.status_code in (401, 500) or "not_allowed" in with_it.text:
                    wrong.append((one.id, with_it.status_code, without.status_code))
        has.close()
        lacks.close()
    assert wrong == []


def test_revoked_expired_and_garbled_keys_are_all_the_same_stranger(
    server: Server, installation: Installation
) -> None:  # fmt: skip
    secret = installed_key(installation, "collect", name="short-lived")
    omonat = Omonat.open(installation.data)
    try:
        assert Program(server, secret).get("/forms").status_code == 200
        found = omonat.api_keys.find(Sealed(secret), omonat.clock.now())
        assert found is not None
        assert omonat.api_keys.find(Sealed(secret), omonat.clock.now() + timedelta(days=31)) is None
        omonat.api_keys.revoke(maker(omonat), found.key_id, omonat.clock.now())
    finally:
        omonat.close()
    for each in (secret, secret[:-1] + ("0" if secret[-1] != "0" else "1"), "omk_", "x" * 5000):
        answer = Program(server, each).get("/forms")
        assert (answer.status_code, code(answer)) == (401, "key_needed")


def test_a_staff_cookie_opens_nothing(server: Server) -> None:
    with server.client(cookies={"__Host-omonat_staff": "x"}) as client:
        assert client.get("/api/v1/cases").status_code == 401


def test_values_are_opened_only_for_purposes_of_the_key(server: Server, program: Program) -> None:
    held = program.submit("contact", PERSON).json()
    narrow = Program(server, installed_key(server.installation, "person.read", purposes=("contract",)))
    answer = narrow.post(f"/people/{held['subject_id']}/read", {"purpose": "support", "reason": "test"})
    assert (answer.status_code, code(answer)) == (403, "not_allowed")


def test_what_a_purpose_does_not_open_is_named_with_its_reasons(server: Server, program: Program) -> None:
    held = program.submit("contact", PERSON, news=["email"]).json()
    key = Program(server, installed_key(server.installation, "person.read", purposes=("support",)))
    values = key.post(f"/people/{held['subject_id']}/read", {"purpose": "support", "reason": "test"}).json()["items"]
    opened = {one["field"]: one["value"] for one in values if one["purpose"] == "support"}
    closed = [one for one in values if one["purpose"] == "news"]
    assert opened["email"] == PERSON["email"]
    assert closed
    assert all(one["value"] is None and one["reasons"] for one in closed)


# --- browsers -------------------------------------------------------------------------------------------------------


def test_a_browser_may_call_from_the_origins_of_the_key_only(server: Server, installation: Installation) -> None:
    secret = installed_key(installation, "collect", origins=(OURS,))
    good = Program(server, secret, Origin=OURS).get("/forms")
    assert good.status_code == 200
    assert good.headers["access-control-allow-origin"] == OURS
    assert "Origin" in good.headers["vary"]
    for origin in (THEIRS, "null", OURS + ".evil.example", OURS.upper()):
        refused = Program(server, secret, Origin=origin).get("/forms")
        assert (refused.status_code, code(refused)) == (403, "origin_not_allowed"), origin
        assert "access-control-allow-origin" not in refused.headers
    unbound = Program(server, installed_key(installation, "collect"), Origin=OURS).get("/forms")
    assert code(unbound) == "origin_not_allowed"


def test_the_preflight_names_what_may_be_asked(server: Server, installation: Installation) -> None:
    installed_key(installation, "collect", origins=(OURS,))
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    with server.client() as client:
        good = client.options("/api/v1/forms/callback/submissions", headers={"Origin": OURS, **asked})
        assert good.status_code == 204
        assert good.headers["access-control-allow-origin"] == OURS
        assert "POST" in good.headers["access-control-allow-methods"]
        assert "idempotency-key" in good.headers["access-control-allow-headers"].lower()
        bad = client.options("/api/v1/forms/callback/submissions", headers={"Origin": THEIRS, **asked})
        assert "access-control-allow-origin" not in bad.headers


# --- repeats --------------------------------------------------------------------------------------------------------


def test_a_repeat_gets_the_first_answer(program: Program) -> None:
    first = program.submit("contact", PERSON, Idempotency_Key="a-1")
    again = program.submit("contact", PERSON, Idempotency_Key="a-1")
    assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    other = program.submit("contact", {**PERSON, "name": "Somebody"}, Idempotency_Key="a-1")
    assert (other.status_code, code(other)) == (422, "idempotency_reused")


def test_many_repeats_at_once_take_one_submission(program: Program) -> None:
    body = program.filled("contact", PERSON)
    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(lambda _n: program.post("/forms/contact/submissions", body, Idempotency_Key="at-once"), range(12))
        )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["submission_id"] for answer in answers}) == 1


def test_many_closings_at_once_close_once(program: Program) -> None:
    case_id = program.submit("contact", PERSON).json()["case_id"]
    etag = program.get(f"/cases/{case_id}").headers["etag"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _n: program.post(f"/cases/{case_id}/close", {"outcome": "answered"}, If_Match=etag), range(8)
            )
        )
    assert sorted(answer.status_code for answer in answers)[0] == 200
    assert {answer.status_code for answer in answers[1:]} <= {200, 409, 412}
    assert sum(answer.status_code == 200 for answer in answers) == 1


def test_a_refusal_leaves_the_idempotency_key_free(program: Program) -> None:
    body = program.filled("contact", PERSON)
    wrong = program.post("/forms/contact/submissions", {**body, "notice": "0" * 64}, Idempotency_Key="b-1")
    assert (wrong.status_code, code(wrong)) == (409, "policy_changed")
    assert program.post("/forms/contact/submissions", body, Idempotency_Key="b-1").status_code == 201


def test_a_secret_is_answered_once(program: Program) -> None:
    asked = {"name": "made-by-a-program", "rights": ["collect"], "reason": "test"}
    made = program.post("/keys", asked, Idempotency_Key="k-1")
    assert made.status_code == 201, made.text
    again = program.post("/keys", asked, Idempotency_Key="k-1")
    assert (again.status_code, code(again)) == (409, "answered_once")


# --- reading and changing -------------------------------------------------------------------------------------------


def test_what_was_read_is_known_by_its_etag(program: Program) -> None:
    case_id = program.submit("contact", PERSON).json()["case_id"]
    read = program.get(f"/cases/{case_id}")
    same = program.get(f"/cases/{case_id}", headers={"If-None-Match": read.headers["etag"]})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", read.headers["etag"])
    missing = program.post(f"/cases/{case_id}/close", {"outcome": "answered"})
    assert (missing.status_code, code(missing)) == (428, "precondition_required")
    stale = program.post(f"/cases/{case_id}/close", {"outcome": "answered"}, If_Match='"old"')
    assert (stale.status_code, code(stale)) == (412, "changed_meanwhile")
    done = program.post(f"/cases/{case_id}/close", {"outcome": "answered"}, If_Match=read.headers["etag"])
    assert done.status_code == 200
    assert program.get(f"/cases/{case_id}").headers["etag"] == done.headers["etag"] != read.headers["etag"]


def test_pages_hold_every_case_once(program: Program) -> None:
    for _ in range(5):
        program.submit("contact", PERSON)
    whole = [one["case_id"] for one in program.get("/cases", params={"limit": 100}).json()["items"]]
    seen, cursor = [], None
    while True:
        page = program.get("/cases", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        seen += [one["case_id"] for one in page.json()["items"]]
        cursor = page.json()["next"]
        if cursor is None:
            break
        assert f"cursor={cursor.replace('=', '%3D')}" in page.headers["link"]
    assert seen == whole
    assert len(set(seen)) == len(seen) >= 5


def test_a_cursor_is_good_for_its_own_list_only(program: Program) -> None:
    program.submit("contact", PERSON)
    program.submit("contact", PERSON)
    cursor = program.get("/cases", params={"limit": 1}).json()["next"]
    for each in (cursor[:-2] + "xx", "x", cursor):
        answer = program.get("/keys", params={"cursor": each})
        assert (answer.status_code, code(answer)) == (422, "invalid_input")


def test_a_misspelt_filter_is_refused(program: Program) -> None:
    for query in ({"stat": "open"}, {"state": "opened"}, {"limit": "0"}, {"limit": "101"}, {"state": "null"}):
        answer = program.get("/cases", params=query)
        assert (answer.status_code, list(answer.json()["problems"])) == (422, [*query]), query


def test_each_item_of_a_bulk_is_taken_or_refused_by_itself(program: Program) -> None:
    body = program.filled("contact", PERSON)
    items = [body, {**body, "notice": "0" * 64}, {**body, "fields": {"name": "A"}}, body]
    answer = program.post("/forms/contact/submissions/bulk", {"items": items}, Idempotency_Key="bulk-1")
    assert answer.status_code == 207
    made = answer.json()["items"]
    assert [(one["index"], one["status"]) for one in made] == [(0, 201), (1, 409), (2, 422), (3, 201)]
    assert made[0]["answer"]["submission_id"] != made[3]["answer"]["submission_id"]
    assert made[1]["problem"]["code"] == "policy_changed"
    assert program.post("/forms/contact/submissions/bulk", {"items": [body] * 101}).status_code == 422
    assert program.post("/forms/contact/submissions/bulk", {"items": []}).status_code == 422


def test_too_much_is_refused(program: Program) -> None:
    body = program.filled("contact", PERSON)
    huge = {**body, "fields": {**PERSON, "message": "x" * 70_000}}
    assert program.post("/forms/contact/submissions", huge).status_code == 413


def test_another_persons_things_are_not_there(program: Program) -> None:
    """Ids of nothing, in every place of every path: never more than 404 tells."""
    for one in OPERATIONS:
        if one.places and one.method == "GET" and all(place.endswith("_id") for place in one.places):
            assert called(program.client, one).status_code == 404, one.id
            garbled = f"/api/v1{re.sub(r'{[^}]+}', 'x', one.path)}"
            assert program.client.get(garbled).status_code == 404, one.id


def test_the_quota_is_told_and_kept(server: Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    installation = new_installation(tmp_path_factory.mktemp("quota"), adopt=False)
    settings = installation.data / "omonat.toml"
    settings.write_text(f"api_calls_per_minute = 3\n{settings.read_text('utf-8')}", "utf-8")
    running = Server(installation)
    try:
        program = Program(running, installed_key(installation, "collect"))
        answers = [program.get("/forms") for _ in range(4)]
    finally:
        running.kill9()
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [re.search(r";r=(\d+);", answer.headers["ratelimit"])[1] for answer in answers] == ["2", "1", "0", "0"]  # type: ignore[index]
    assert all(answer.headers["ratelimit-policy"] == '"key";q=3;w=60' for answer in answers)
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60


# --- what is said ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["uz-Latn", "uz-Cyrl", "ru", "en"])
def test_problems_are_told_in_four_languages(program: Program, language: str) -> None:
    answer = program.get(f"/cases/{NOT_THERE}", headers={"Accept-Language": language})
    said = answer.json()
    assert said["type"] == "urn:omonat:error:not_found"
    assert "instance" not in said
    assert bool(re.search("[а-я]", said["title"])) == (language in ("uz-Cyrl", "ru"))


def test_an_error_repeats_nothing_of_what_was_sent(program: Program) -> None:
    marker = "Zulfiya-9183"
    for sent in ({"kind": marker, "value": marker}, {marker: 1}, {"kind": "email", "value": [marker]}):
        assert marker not in program.post("/people/find", sent).text.replace(f'"{marker}":"', "")


def test_nothing_personal_is_in_paths_or_in_what_the_server_prints(server: Server, program: Program) -> None:
    marker = "yulduz.7712@example.uz"
    held = program.submit("contact", {**PERSON, "email": marker}).json()
    why = {"purpose": "support", "reason": "test"}
    assert program.post("/people/find", {"kind": "email", "value": marker, **why}).status_code == 200
    program.post("/people/find", {"kind": "email", "value": marker + "x" * 400, **why})
    program.post(f"/people/{held['subject_id']}/read", {"purpose": "support", "reason": "test"})
    assert marker not in server.output()
    assert held["subject_id"] not in server.output()
    assert "omk_" not in server.output()
    for one in OPERATIONS:
        names = {*one.places, *(one.query.__struct_fields__ if one.query else ())}
        assert not names & {"email", "phone", "value", "name", "identifier"}, one.id


def test_the_description_is_the_committed_one(server: Server) -> None:
    """A change of the API is deliberate: `make docs`, and look at the difference."""
    committed = json.loads((REPOSITORY / "docs" / "api" / "openapi.json").read_text("utf-8"))
    assert json.loads(json.dumps(description())) == committed
    assert [name for name in committed["components"]["schemas"] if not name.isalnum()] == [], "two shapes of one name"
    with server.client() as client:
        answer = client.get("/api/v1/openapi.json")
    assert answer.json() == committed


def test_every_person_in_the_examples_is_invented() -> None:
    text = (REPOSITORY / "docs" / "api" / "openapi.json").read_text("utf-8")
    addresses = set(re.findall(r"[\w.+-]+@([\w.-]+)", text))
    assert addresses <= {"example.uz", "example.com"}, addresses


# --- after a kill ---------------------------------------------------------------------------------------------------


def test_what_a_bulk_answered_is_there_after_a_kill_and_a_repeat_takes_nothing_twice(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    installation = new_installation(tmp_path_factory.mktemp("kill"), adopt=False)
    running = Server(installation)
    try:
        program = Program(running, installed_key(installation))
        items = {"items": [program.filled("contact", PERSON)] * 20}
        first = program.post("/forms/contact/submissions/bulk", items, Idempotency_Key="kill-1")
        running.kill9()
        running.start()
        again = program.post("/forms/contact/submissions/bulk", items, Idempotency_Key="kill-1")
        taken = {one["answer"]["submission_id"] for one in first.json()["items"]}
        assert first.status_code == again.status_code == 207
        assert len(taken) == 20
        assert {one["answer"]["submission_id"] for one in again.json()["items"]} == taken
        ((count,),) = installation.rows("SELECT count(*) FROM submission")
        assert count == 20
        assert all(UUID(one) for one in taken)
    finally:
        running.kill9()


# --- decisions ------------------------------------------------------------------------------------------------------


def test_decisions_for_many_are_those_for_one_and_no_reading(program: Program, server: Server) -> None:
    submitted = program.submit("contact", {**PERSON, "email": "many@example.uz"}, news=["email"]).json()
    sought = {"kind": "email", "value": "many@example.uz", "purpose": "support", "reason": "test"}
    (person,) = (one["subject_id"] for one in program.post("/people/find", sought).json()["items"])
    assert submitted
    questions = [
        {"operation": "use", "purpose": "news", "category": "email", "channel": "email"},
        {"operation": "disclose", "purpose": "support", "category": "email", "recipient": "hosting"},
        {"operation": "read", "purpose": "support", "category": "email"},
    ]
    journal = "SELECT count(*) FROM journal"
    read_before = server.installation.rows(journal)
    asked = {"questions": questions, "subject_ids": [person, NOT_THERE, person]}
    answer = program.post("/decisions/bulk", asked)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    for question, places in zip(questions, said["answers"], strict=True):
        for one, place in zip(asked["subject_ids"], places, strict=True):
            assert said["legend"][place] == program.post("/decisions", {**question, "subject_id": one}).json()
    assert [said["legend"][place]["allowed"] for place in said["answers"][0]] == [True, False, True]
    assert said["legend"][said["answers"][0][1]]["reasons"][0]["code"] == "erased"
    assert server.installation.rows(journal) == read_before


def test_decisions_stay_within_the_purposes_of_the_key_and_the_limit(program: Program, server: Server) -> None:
    narrow = Program(server, installed_key(server.installation, "person.find", purposes=("support",)))
    question = {"operation": "use", "purpose": "news", "category": "email", "channel": "email"}
    refused = narrow.post("/decisions/bulk", {"questions": [question], "subject_ids": [NOT_THERE]})
    assert (refused.status_code, code(refused)) == (403, "not_allowed")
    refused = narrow.post("/decisions", {**question, "subject_id": NOT_THERE})
    assert (refused.status_code, code(refused)) == (403, "not_allowed")
    most = program.post("/decisions/bulk", {"questions": [question], "subject_ids": [NOT_THERE] * 10_000})
    assert most.status_code == 200 and len(most.json()["answers"][0]) == 10_000
    over = program.post("/decisions/bulk", {"questions": [question], "subject_ids": [NOT_THERE] * 10_001})
    assert (over.status_code, code(over)) == (422, "invalid_input")
