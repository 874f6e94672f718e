"""The edge that calls other systems: it goes where the name led when it was looked at, and nowhere else."""

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness.receiver import Receiver, receiver
from omonat.webhooks import Answer, Sender

NAME = "crm.office.example"


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"{name}.pem"
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + plain)
    return path


def behind_tls(there: Receiver, pem: Path) -> int:
    """The receiver's port, from now on with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    there._server.socket = context.wrap_socket(there._server.socket, server_side=True)
    return int(there._server.server_port)


def trusting(pem: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pem))


def here(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def test_the_certificate_is_that_of_the_name_not_of_the_address(there: Receiver, tmp_path: Path) -> None:
    pem = certificate(tmp_path, NAME)
    port = behind_tls(there, pem)
    sender = Sender(dev=False, hosts=(NAME,), resolve=here, trust=trusting(pem))
    assert sender.send(f"https://{NAME}:{port}/hook", {"x-a": "b"}, b"{}") == Answer(204, "")
    assert there.came[0].headers["host"] == f"{NAME}:{port}" and there.came[0].headers["x-a"] == "b"
    other = Sender(dev=False, hosts=("other.example",), resolve=here, trust=trusting(pem))
    assert other.send(f"https://other.example:{port}/hook", {}, b"{}").problem == "tls"
    assert Sender(dev=False, hosts=(NAME,), resolve=here).send(f"https://{NAME}:{port}/", {}, b"{}").problem == "tls"
    assert len(there.came) == 1


@pytest.mark.parametrize("leads_to", [["127.0.0.1"], ["10.1.2.3"], ["8.8.8.8", "192.168.0.1"], ["::ffff:7f00:1"], []])
def test_a_name_that_leads_inside_is_not_called(there: Receiver, leads_to: list[str]) -> None:
    port = there.url.rpartition(":")[2].partition("/")[0]
    sender = Sender(dev=False, resolve=lambda _host, _port: leads_to)
    assert sender.send(f"https://evil.example:{port}/hook", {}, b"{}") == Answer(None, "address")
    assert there.came == []


def test_a_name_that_is_unknown_is_tried_again_later() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    assert Sender(dev=False, resolve=unknown).send("https://no.example/", {}, b"{}") == Answer(None, "unreachable")


def test_the_name_is_resolved_once(there: Receiver, tmp_path: Path) -> None:
    """A name that changes between looking and connecting leads nowhere."""
    pem = certificate(tmp_path, NAME)
    port = behind_tls(there, pem)
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    sender = Sender(dev=False, hosts=(NAME,), resolve=lambda _host, _port: next(answers), trust=trusting(pem))
    assert sender.send(f"https://{NAME}:{port}/hook", {}, b"{}").status == 204


def test_a_redirect_is_not_followed(there: Receiver) -> None:
    there.answers, there.headers = [302], {"Location": there.url}
    assert Sender(dev=True).send(there.url, {}, b"{}") == Answer(302, "redirect")
    assert len(there.came) == 1


def test_the_environment_names_no_proxy(there: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert Sender(dev=True).send(there.url, {}, b"{}").status == 204


@pytest.mark.parametrize(("status", "problem"), [
    (200, ""), (299, ""), (400, "refused"), (404, "refused"), (410, "gone"), (429, "busy"), (503, "busy"),
    (500, "broken"),
])  # fmt: skip
def test_what_an_answer_means(there: Receiver, status: int, problem: str) -> None:
    there.answers = [status]
    assert Sender(dev=True).send(there.url, {}, b"{}") == Answer(status, problem)


@pytest.mark.parametrize("said", ["HTTP/1.1 200 OK\r\n", "nonsense\r\n\r\n", ""])
def test_a_receiver_that_drips_or_talks_nonsense_is_left(said: str) -> None:
    """Each byte would begin the timeout of reading anew; the whole has a limit of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(said.encode())
                while said.startswith("HTTP") and not ended.wait(0.05):
                    try:
                        connection.sendall(b"x-drip: 1\r\n")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        answer = Sender(dev=True, seconds=1.0).send(url, {}, b"{}")
        ended.set()
        thread.join()
    assert answer == Answer(None, "timeout" if said.startswith("HTTP") else "protocol")
