"""What every answer of the server carries, and what it refuses, seen by a stranger's HTTP client."""

import re
import socket
import time

import httpx
import pytest

from harness.people import Visitor, invent
from harness.server import Server

EVERYWHERE = (
    "/",
    "/ru/",
    "/ru/policy",
    "/ru/my",
    "/nothing",
    "/static/nothing.css",
    "/healthz",
    "/policy.json",
    "/robots.txt",
)


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_the_headers(shared_server: Server, path: str) -> None:
    with shared_server.client() as client:
        headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "server" not in headers
    assert "strict-transport-security" not in headers, "only where the site is reached by https"


def test_no_page_has_inline_script_or_style(shared_server: Server) -> None:
    with shared_server.client() as client:
        for path in ("/ru/", "/ru/policy", "/ru/contact", "/ru/cookies", "/ru/my/sign-in"):
            text = client.get(path, follow_redirects=True).text
            assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
            assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def _choose(server: Server, **headers: str) -> httpx.Response:
    with server.client(headers=headers) as client:
        return client.post("/ru/cookies", data={"choice": "refuse", "via": "banner"})


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
        {"Origin": "null"}, {"Referer": "https://evil.example/ru/cookies"}, {},
    ],
)  # fmt: skip
def test_a_form_of_another_site_changes_nothing(shared_server: Server, said: dict[str, str]) -> None:
    answer = _choose(shared_server, **said)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_browser_without_new_headers_is_believed_by_origin_or_referer(shared_server: Server) -> None:
    assert _choose(shared_server, Origin=shared_server.url).status_code == 303
    assert _choose(shared_server, Referer=f"{shared_server.url}/ru/policy").status_code == 303
    assert _choose(shared_server, **{"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_a_foreign_origin_is_not_saved_by_a_local_referer(shared_server: Server) -> None:
    said = {"Origin": "https://evil.example", "Referer": f"{shared_server.url}/ru/policy"}
    assert _choose(shared_server, **said).status_code == 403


def test_too_much_is_refused(shared_server: Server) -> None:
    visitor = Visitor(shared_server, "en")
    answer = visitor.send("/contact", name="A", email="a@example.uz", message="x" * 70_000)
    assert answer.status_code == 413
    assert "Nothing was stored." in answer.text


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_only_forms_are_read(shared_server: Server, kind: str) -> None:
    with shared_server.client(headers={"Origin": shared_server.url, "Content-Type": kind}) as client:
        assert client.post("/ru/cookies", content=b"choice=accept").status_code == 400


@pytest.mark.parametrize("body", [b"name=%ff%fe", b"&".join(b"a%d=1" % n for n in range(100)), "имя=1".encode()])
def test_what_cannot_be_read_is_refused(shared_server: Server, body: bytes) -> None:
    kind = "application/x-www-form-urlencoded"
    with shared_server.client(headers={"Origin": shared_server.url, "Content-Type": kind}) as client:
        assert client.post("/ru/callback", content=body).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", "/ru/callback", 405), ("DELETE", "/ru/policy", 405), ("POST", "/ru/policy", 405)],
)
def test_what_a_page_does_not_do_is_said(shared_server: Server, method: str, path: str, status: int) -> None:
    with shared_server.client(headers={"Origin": shared_server.url}) as client:
        answer = client.request(method, path)
    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_a_program_is_told_in_json(shared_server: Server) -> None:
    with shared_server.client(headers={"Accept": "application/json", "Accept-Language": "ru"}) as client:
        answer = client.get("/nothing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:omonat:error:not_found", "title": "Здесь ничего нет.", "status": 404,
        "detail": "Проверьте адрес или номер.", "code": "not_found",
    }  # fmt: skip


def test_access_lines_name_the_route_and_nothing_of_anybody(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    visitor.send_form("callback", {"name": person.name, "phone": person.phone})
    visitor.get(f"/policy/versions/{person.name}?q={person.email}")
    output = _output_with(shared_server, "route=/{language}/policy/versions/{number} status=404")
    assert "route=/{language}/callback status=303" in output
    for word in (person.name, person.name.split()[0], person.phone, person.phone[1:], person.email, "Mozilla"):
        assert word not in output


def _output_with(server: Server, line: str) -> str:
    """What the server printed; the line is written after the answer, so it may come a moment later."""
    for _ in range(200):
        if line in server.output():
            break
        time.sleep(0.05)
    assert line in server.output()
    return server.output()


def test_pages_are_compressed(shared_server: Server) -> None:
    with shared_server.client(headers={"Accept-Encoding": "gzip"}) as client:
        assert client.get("/ru/policy").headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("path", ["/ru/policy", "/healthz", "/nothing"])
def test_head_answers_like_get_without_the_page(shared_server: Server, path: str) -> None:
    with shared_server.client() as client:
        asked, got = client.head(path), client.get(path)
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    assert asked.headers["content-type"] == got.headers["content-type"]


def test_a_body_that_never_arrives_is_given_up(shared_server: Server) -> None:
    head = b"POST /ru/callback HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 50\r\n"
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    with socket.create_connection(("127.0.0.1", shared_server.port), timeout=60) as connection:
        connection.sendall(head + kind + b"name=")
        assert connection.recv(64).startswith(b"HTTP/1.1 400")
