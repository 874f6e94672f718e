"""A fake of OpenBao's transit engine: the calls we make, answered as OpenBao answers them.

Not the real one, which is no package of Debian's. Statuses and error texts are those of its documentation and source
(builtin/logical/transit): 403 `permission denied`, 503 `Vault is sealed`, 400 with the reason. It does real AES-256-GCM
under versions of a key, with `associated_data`; `rewrap` takes none (path_rewrap.go; issue 29532 of hashicorp/vault),
so it fails for what was encrypted with some. Calls of the administrator: `rotate`, `config` with
`min_decryption_version`.
"""

import base64
import json
import os
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "s.omonat-test"
Answer = tuple[int, dict[str, Any]]


class FakeOpenBao:
    """Listens on loopback until `stop`; `sealed`, `down` and `token` can be changed while it runs."""

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self.keys = {"omonat": [os.urandom(32)]}
        self.least: dict[str, int] = {}  # min_decryption_version
        self.token, self.sealed, self.down = TOKEN, False, False
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        self._server.daemon_threads = True
        scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, headers: Any, body: dict[str, Any]) -> Answer:
        if self.sealed:
            return 503, {"errors": ["Vault is sealed"]}
        if headers.get("X-Vault-Token") != self.token:
            return 403, {"errors": ["permission denied"]}
        self.asked.append((path, body))
        words = path.strip("/").split("/")
        if words[:2] != ["v1", "transit"]:
            return 404, {"errors": []}
        if len(words) == 5 and words[2] == "keys":
            return self._administered(words[3], words[4], body)
        acts = {"encrypt": _encrypt, "decrypt": _decrypt, "rewrap": _rewrap}
        if len(words) != 4 or words[2] not in acts:
            return 404, {"errors": []}
        versions = self.keys.get(words[3])
        if versions is None:
            return 400, {"errors": ["encryption key not found"]}
        return acts[words[2]](versions, self.least.get(words[3], 1), body)

    def administer(self, key: str, act: str, **facts: int) -> int:
        """A call of the administrator, over the network as every other; its status."""
        import httpx

        url, headers = f"{self.url}/v1/transit/keys/{key}/{act}", {"X-Vault-Token": self.token}
        return httpx.post(url, json=facts, headers=headers, trust_env=False).status_code

    def _administered(self, key: str, act: str, body: dict[str, Any]) -> Answer:
        versions = self.keys.get(key)
        if versions is None:
            return 400, {"errors": [f"no existing key named {key} could be found"]}
        if act == "rotate":
            versions.append(os.urandom(32))
            return 200, {"data": {"latest_version": len(versions)}}
        if act == "config" and not 1 <= body["min_decryption_version"] <= len(versions):
            return 400, {"errors": ["cannot set min decryption version of a version that is not there"]}
        if act == "config":
            self.least[key] = body["min_decryption_version"]
            return 200, {"data": {"min_decryption_version": self.least[key]}}
        return 404, {"errors": []}


def _encrypt(versions: list[bytes], _least: int, body: dict[str, Any]) -> Answer:
    number = body.get("key_version", 0) or len(versions)
    if number > len(versions):
        return 400, {"errors": ["requested version for encryption is higher than the latest key version"]}
    nonce = os.urandom(12)
    associated = _bytes(body.get("associated_data", ""))
    sealed = AESGCM(versions[number - 1]).encrypt(nonce, _bytes(body["plaintext"]), associated)
    text = f"vault:v{number}:{base64.b64encode(nonce + sealed).decode()}"
    return 200, {"data": {"ciphertext": text, "key_version": number}}


def _decrypt(versions: list[bytes], least: int, body: dict[str, Any]) -> Answer:
    text = body["ciphertext"]
    if not text.startswith("vault:v"):
        return 400, {"errors": ["invalid ciphertext: no prefix"]}
    number, _, rest = text.removeprefix("vault:v").partition(":")
    if number.isdigit() and int(number) > len(versions):
        return 400, {"errors": ["invalid ciphertext: version is too new"]}
    if number.isdigit() and int(number) < least:
        return 400, {"errors": ["ciphertext or signature version is disallowed by policy (too old)"]}
    try:
        key, sealed = versions[int(number) - 1], base64.b64decode(rest, validate=True)
    except (ValueError, IndexError):
        return 400, {"errors": ["invalid ciphertext: could not decode base64"]}
    try:
        plain = AESGCM(key).decrypt(sealed[:12], sealed[12:], _bytes(body.get("associated_data", "")))
    except (InvalidTag, ValueError):
        return 400, {"errors": ["cipher: message authentication failed"]}
    return 200, {"data": {"plaintext": base64.b64encode(plain).decode()}}


def _rewrap(versions: list[bytes], least: int, body: dict[str, Any]) -> Answer:
    """Without associated data, whatever was sent: as the real one."""
    status, answer = _decrypt(versions, least, {"ciphertext": body["ciphertext"]})
    return (status, answer) if status != 200 else _encrypt(versions, least, answer["data"])


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _answering(bao: FakeOpenBao) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            if bao.down:  # as when the machine goes away in the middle of a call
                self.close_connection = True
                return
            status, answer = bao.answer(self.path, self.headers, json.loads(sent))
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return None

    return Answering
