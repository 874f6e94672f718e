"""OpenBao or HashiCorp Vault: the transit engine, by its HTTP API. The key-encryption key never leaves it.

https://openbao.org/api-docs/secret/transit/ - the key is of type aes256-gcm96; the context goes along as its
`associated_data`, so that what was wrapped for one place opens in no other.
"""

import base64
import os
import threading
from typing import TYPE_CHECKING, Any

from omonat.crypto.provider import KeysUnavailable, body_under, unavailable, with_head
from omonat.kernel.errors import Damaged, Misconfigured
from omonat.kernel.settings import OpenBao, is_safe_address

if TYPE_CHECKING:
    import httpx

TOKEN = "OMONAT_OPENBAO_TOKEN"  # noqa: S105 - the name of a variable
_NOT_OURS = ("message authentication failed", "invalid ciphertext")


class OpenBaoKeyProvider:
    """One key of a transit engine."""

    def __init__(self, settings: OpenBao) -> None:
        """Raises Misconfigured when the address would carry keys in clear."""
        if not is_safe_address(settings.url):
            raise Misconfigured(
                what="[key_provider] url is not https: keys would cross the network in clear.",
                fix="Set url to https://... in omonat.toml; plain http is for this machine only.",
            )
        self._settings = settings
        self._base = f"{settings.url.rstrip('/')}/v1/{settings.mount.strip('/')}"
        self.key_id = f"openbao:{settings.mount.strip('/')}/{settings.key}"
        self._client: httpx.Client | None = None
        self._lock = threading.Lock()

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Body: the engine's text, such as `vault:v1:...`, which names the version of its key."""
        answer = self._ask("encrypt", {"plaintext": _base64(key), "associated_data": _base64(context)})
        return with_head(self.key_id, self._field(answer, "ciphertext").encode())

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The opposite of wrap."""
        text = body_under(self.key_id, wrapped).decode("ascii", "replace")
        answer = self._ask("decrypt", {"ciphertext": text, "associated_data": _base64(context)})
        try:
            return base64.b64decode(self._field(answer, "plaintext"), validate=True)
        except ValueError:
            raise unavailable("openbao", "answer") from None

    def _ask(self, act: str, body: dict[str, str]) -> Any:
        import httpx

        url, token = f"{self._base}/{act}/{self._settings.key}", os.environ.get(TOKEN, "")
        if not token:
            raise Misconfigured(what="The token of OpenBao is not set.", fix=f"Set {TOKEN} in the environment.")
        headers = {"X-Vault-Token": token} | (
            {"X-Vault-Namespace": self._settings.namespace} if self._settings.namespace else {}
        )
        try:
            answer = self._opened().post(url, json=body, headers=headers)
        except httpx.TimeoutException:
            raise unavailable("openbao", "timeout") from None
        except httpx.HTTPError:
            raise unavailable("openbao", "unreachable") from None
        if answer.status_code != httpx.codes.OK:
            raise _failure(answer)
        return _json(answer)

    def _opened(self) -> "httpx.Client":
        """One client keeps its connection. The environment's proxies are not for keys."""
        import httpx

        with self._lock:
            if self._client is None:
                verify = _trusting(self._settings.ca_file)
                self._client = httpx.Client(verify=verify, timeout=self._settings.timeout, trust_env=False)
            return self._client

    def _field(self, answer: Any, name: str) -> str:
        found = answer.get("data", {}).get(name) if isinstance(answer, dict) else None
        if not isinstance(found, str):
            raise unavailable("openbao", "answer")
        return found


def _trusting(ca_file: str) -> Any:
    import ssl

    if not ca_file:
        return True
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError):
        what = f"[key_provider] ca_file {ca_file} cannot be read."
        raise Misconfigured(what=what, fix="Name a PEM file with the certificate of the authority.") from None


def _failure(answer: "httpx.Response") -> Damaged | KeysUnavailable:
    """A wrong place or changed bytes are 400 with a known text; all else is for the operator to mend, then passes."""
    said = _json(answer)
    errors = " ".join(map(str, said.get("errors", []))) if isinstance(said, dict) else ""
    if answer.status_code == 400 and any(words in errors for words in _NOT_OURS):
        return Damaged(what="A wrapped key")
    return unavailable("openbao", f"status {answer.status_code}")


def _json(answer: "httpx.Response") -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
