"""`/ledger/` as anybody reads it: what is there, how long it may be kept, and what nobody gets."""

import socket
import time

import httpx
import pytest

from harness.server import Server
from omonat.ledger import Checkpoint, merkle, open_checkpoint, read_verifier_key
from omonat.ledger.remote import TileSite
from omonat.ledger.tiles import unpack_entries
from omonat.web.ledger import PROOFS
from omonat.web.limits import Limits


def read(server: Server, path: str, **headers: str) -> httpx.Response:
    with server.client(headers=headers) as client:
        return client.get(f"/ledger/{path}")


def head_of(server: Server) -> Checkpoint:
    """The signed head, once there is one: the first is signed within a second of the start."""
    key = read_verifier_key(read(server, "vkey").text)
    for _ in range(200):
        answer = read(server, "checkpoint")
        if answer.status_code == 200 and (head := open_checkpoint(answer.content, key)).size:
            return head
        time.sleep(0.05)
    raise AssertionError("no checkpoint was signed")


@pytest.mark.parametrize(
    ("path", "kind", "kept"),
    [
        ("checkpoint", "text/plain; charset=utf-8", "no-store"), ("vkey", "text/plain; charset=utf-8", "no-store"),
        ("tile/0/000.p/1", "application/octet-stream", "public, max-age=31536000, immutable"),
        ("tile/entries/000.p/1", "application/octet-stream", "public, max-age=31536000, immutable"),
        ("proof/inclusion?position=0", "application/json", "no-store"),
        ("proof/consistency?old=1", "application/json", "no-store"),
    ],
)  # fmt: skip
def test_what_is_served_and_how(shared_server: Server, path: str, kind: str, kept: str) -> None:
    head_of(shared_server)
    answer = read(shared_server, path, **{"Origin": "https://auditor.example", "Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.headers["cache-control"] == kept
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in answer.headers and "content-encoding" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    with shared_server.client() as client:
        asked = client.head(f"/ledger/{path}")
    assert (asked.status_code, asked.content, asked.headers["content-type"]) == (200, b"", kind)


def test_a_program_of_others_reads_the_tree(shared_server: Server) -> None:
    head, place = head_of(shared_server), TileSite(f"{shared_server.url}/ledger/")
    growth = place.find_growth(head.size)
    assert growth is not None and growth.root() == head.root
    assert place.read("tile/7/000") is None
    place.close()


def test_proofs_lead_to_the_signed_root(shared_server: Server) -> None:
    head = head_of(shared_server)
    for position in {0, head.size // 2, head.size - 1}:
        said = read(shared_server, f"proof/inclusion?position={position}&size={head.size}").json()
        assert (said["position"], said["size"]) == (position, head.size)
        leaf, proof = bytes.fromhex(said["leaf_hash"]), [bytes.fromhex(one) for one in said["proof"]]
        assert leaf == merkle.leaf_hash(bytes.fromhex(said["entry"]))
        assert merkle.is_included(leaf, position, head.size, proof=proof, root=head.root)
    entries = unpack_entries(read(shared_server, f"tile/entries/000.p/{min(head.size, 255)}").content)
    old = len(entries) // 2 + 1
    said = read(shared_server, f"proof/consistency?old={old}&new={head.size}").json()
    before = merkle.root_of(merkle.leaf_hash(entry) for entry in entries[:old])
    proof = [bytes.fromhex(one) for one in said["proof"]]
    assert merkle.is_consistent((old, before), (head.size, head.root), proof)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000", "tile/0/000.p/255", "tile/0/000.p/0", "tile/0/000.p/01", "tile/0/000.p/256", "tile/0/999",
        "tile/0/x000/000", "tile/8/000", "tile/00/000", "tile/-1/000", "tile/entries/000", "tile/entries/0",
        "tile/0/000.p/1/", "tile/0/000.p/1%00", "tile/0/000.p/1%0A", "tile/0/%D9%A0%D9%A0%D9%A0", "tile/0/%30",
        "tile/0/x001/x001/x001/x001/x001/x001/000", "tile/0/000%2Ep/1",
        "tile", "tile/", "tile/checkpoint", "", "tombstones", ".lock", "witnessed", "tile/0/000.new",
        "../omonat.toml", "tile/../checkpoint", "tile/../../omonat.db", "tile/0/../../../omonat.toml",
        "tile/%2e%2e/%2e%2e/omonat.toml", "tile/..%2f..%2fomonat.toml", "tile/%252e%252e/omonat.toml",
        "tile/..%5c..%5comonat.toml", "tile//etc/passwd", "tile/%2fetc%2fpasswd", "tile/0/....//000.p/1",
    ],
)  # fmt: skip
def test_no_other_path_leads_anywhere(shared_server: Server, path: str) -> None:
    head_of(shared_server)
    answer = _raw(shared_server, f"/ledger/{path}")
    assert answer.startswith(b"HTTP/1.1 404")
    for word in (b"keys", b"SQLite", b"root:", b"origin ="):
        assert word not in answer


def _raw(server: Server, target: str) -> bytes:
    """The answer to a path that no client has tidied up."""
    line = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(line)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("inclusion", {"position"}), ("inclusion?position=", {"position"}), ("inclusion?position=-1", {"position"}),
        ("inclusion?position=1.0", {"position"}), ("inclusion?position=%D9%A1", {"position"}),
        ("inclusion?position=0&size=", {"size"}), ("inclusion?position=0&size=0", {"position"}),
        (f"inclusion?position={10**30}", {"position"}), (f"inclusion?position=0&size={10**18}", {"size"}),
        ("inclusion?position=999999", {"position"}), ("consistency?new=1", {"old"}),
        ("consistency?old=2&new=1", {"old"}), (f"consistency?old=0&new={2**62}", {"new"}),
    ],
)  # fmt: skip
def test_bad_questions_are_problems_that_name_the_field(shared_server: Server, query: str, names: set[str]) -> None:
    head_of(shared_server)
    answer = read(shared_server, f"proof/{query}", **{"Accept-Language": "ru"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.headers["access-control-allow-origin"] == "*"
    said = answer.json()
    assert said["code"] == "invalid_input" and set(said["problems"]) == names
    assert all("ерев" in text or "число" in text for text in said["problems"].values())


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_written(shared_server: Server, method: str) -> None:
    with shared_server.client(headers={"Origin": shared_server.url}) as client:
        for path in ("checkpoint", "tile/0/000.p/1"):
            assert client.request(method, f"/ledger/{path}").status_code == 405


def test_proofs_are_limited_as_the_rest_is() -> None:
    from ipaddress import ip_address

    from omonat.kernel.errors import TooManyRequests

    class Plain:
        dev = False

    limits = Limits(Plain(), lambda: 0.0)  # type: ignore[arg-type] # it looks at one setting
    with pytest.raises(TooManyRequests):
        for _ in range(PROOFS.burst + 1):
            limits.check(ip_address("192.0.2.1"), PROOFS)


def test_the_way_of_a_person_is_not_in_the_tiles(shared_server: Server) -> None:
    head = head_of(shared_server)
    data = read(shared_server, f"tile/entries/000.p/{min(head.size, 255)}").content
    assert [len(entry) for entry in unpack_entries(data)] == [32] * min(head.size, 255)
