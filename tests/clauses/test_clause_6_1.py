"""6.1 protected servers: sealed field by field with a key per person, keys apart, nothing personal outside."""

import httpx

from harness.people import Visitor, invent, random_word
from harness.server import Server


def test_values_lie_sealed_and_keys_apart(shared_server: Server) -> None:
    visitor, person, words = Visitor(shared_server), invent(), random_word(30)
    visitor.send_form("contact", {"name": person.name, "email": person.email, "message": words})
    installation = shared_server.installation
    for path in installation.files():
        content = path.read_bytes()
        for value in (words, person.email, person.name.split()[0]):
            assert value.encode() not in content, path
    assert not installation.keys.is_relative_to(installation.data)
    assert not list(installation.data.rglob("*kek*"))
    tables = {name for (name,) in installation.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert not tables & {"subject_key", "compartment_key", "secret"}


def test_each_person_and_part_has_a_key_of_its_own(shared_server: Server) -> None:
    for _ in range(2):
        visitor, person = Visitor(shared_server), invent()
        visitor.send_form("order", {"name": person.name, "phone": person.phone, "service": "CRM"}, news=["sms"])
    rows = shared_server.installation.rows("SELECT subject_id, purpose, category, key_id FROM record")
    parts = {row[:3] for row in rows}
    keys = {(row[0], row[3]) for row in rows}
    assert len(parts) == len(keys) >= 8
    held = {key for (key,) in shared_server.installation.key_rows("SELECT key_id FROM compartment_key")}
    assert {key for _, key in keys} <= held


def test_folders_and_files_are_their_owners_alone(shared_server: Server) -> None:
    installation = shared_server.installation
    for folder in (installation.data, installation.keys):
        assert folder.stat().st_mode & 0o077 == 0
    for path in (installation.data / "omonat.db", installation.keys / "keys.db", installation.keys / "kek"):
        assert path.stat().st_mode & 0o077 == 0


def test_addresses_errors_and_lines_name_nobody(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    thanks = visitor.send_form("callback", {"name": person.name, "phone": person.phone})
    assert person.phone.removeprefix("+") not in str(thanks.url)
    visitor.send("/my/sign-in", identifier=person.email)
    httpx.get(f"{shared_server.url}/uz-Latn/{person.email}?x={person.phone}", trust_env=False)
    lines = shared_server.output()
    assert "route=/{language}/callback" in lines
    for value in (person.phone[4:], person.email, person.name.split()[0], "127.0.0.1 "):
        assert value not in lines, value


def test_every_answer_carries_the_headers_of_protection(shared_server: Server) -> None:
    for path in ("/uz-Latn/", "/uz-Latn/nowhere", "/policy.json", "/uz-Latn/my/sign-in"):
        headers = httpx.get(f"{shared_server.url}{path}", trust_env=False).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
    assert httpx.get(f"{shared_server.url}/uz-Latn/my/sign-in", trust_env=False).headers["cache-control"] == "no-store"
