"""Real local servers: mail by aiosmtpd, with a certificate of its own, and an SMS gateway by http.server."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as SmtpServer
from aiosmtpd.smtp import AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness.places import free_port


class Mailbox:
    """Takes mail. Refuses recipients whose address says how: `gone@`, `full@`."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []

    async def handle_RCPT(
        self, server: SmtpServer, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Aiosmtpd's hook: the answer to RCPT TO."""
        if address.startswith("gone@"):
            return f"550 5.1.1 no such user {address}"
        if address.startswith("full@"):
            return f"452 4.2.2 mailbox of {address} is full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SmtpServer, session: Session, envelope: Envelope) -> str:
        """Aiosmtpd's hook: the mail is here."""
        self.mails.append(envelope)
        return "250 OK"


def authenticator(_server: SmtpServer, _session: Session, _envelope: Envelope, _mechanism: str, login: Any) -> Any:
    """Knows one account."""
    return AuthResult(success=(login.login, login.password) == (b"omonat", b"right-password"), handled=False)


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, Mailbox]]:
    """Its port and what arrives. With `tls` it asks for STARTTLS and a login."""
    mailbox, port = Mailbox(), free_port()
    options: dict[str, Any] = {"tls_context": tls, "require_starttls": True} if tls else {}
    if tls:
        options |= {"authenticator": authenticator, "auth_required": True}
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port, mailbox
    finally:
        controller.stop()


def own_certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server with a certificate that it made itself, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = folder / "own.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


class Gateway:
    """A gateway on loopback. `status`: what it answers instead of its own; `taken`: what it delivered."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.calls = 0
        self.status = 0
        self.pause = 0.0

    def answer(self, body: bytes, authorization: str) -> tuple[int, dict[str, Any]]:
        """Status and JSON for one call."""
        self.calls += 1
        if self.pause:
            time.sleep(self.pause)
        if self.status:
            return self.status, {"message": "the gateway says " + body.decode()}
        return self.deliver(json.loads(body), authorization)

    def deliver(self, message: dict[str, Any], authorization: str) -> tuple[int, dict[str, Any]]:
        """An SMS gateway as Eskiz documents it: 401 without the token, 422 for a bad number."""
        if authorization != "Bearer right-token":
            return 401, {"message": "Expired"}
        if not (message["mobile_phone"].isdigit() and message["mobile_phone"].startswith("998")):
            return 422, {"status": "error", "message": {"mobile_phone": [message["mobile_phone"]]}}
        self.taken.append(message)
        number = f"{len(self.taken):04}-{message['mobile_phone'][-4:]}"
        return 200, {"id": number, "message": "Waiting for SMS provider", "status": "waiting"}


class TelegramGateway(Gateway):
    """The bot of a company: answers in the words of the Bot API, 400 for a number that never wrote to it."""

    def deliver(self, message: dict[str, Any], authorization: str) -> tuple[int, dict[str, Any]]:
        """Status and JSON for one message."""
        if authorization != "Bearer right-token":
            return 401, {"ok": False, "error_code": 401, "description": "Unauthorized"}
        if message["phone"].startswith("99871"):
            return 400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
        self.taken.append(message)
        return 200, {"ok": True, "result": {"message_id": 40 + len(self.taken), "text": message["text"]}}


@contextmanager
def sms_gateway() -> Iterator[tuple[str, Gateway]]:
    """Its URL and what it took."""
    with serving(Gateway()) as found:
        yield found


@contextmanager
def serving(gateway: Gateway) -> Iterator[tuple[str, Gateway]]:
    """The URL of a gateway, and itself."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer: Any
            status, answer = gateway.answer(body, self.headers.get("Authorization", ""))
            text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api/message/sms/send", gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
