"""OpenBao or HashiCorp Vault: the transit engine, by its HTTP API. The key-encryption key never leaves it.

https://openbao.org/api-docs/secret/transit/ - the key is of type aes256-gcm96; the context goes along as its
`associated_data`, so that what was wrapped for one place opens in no other.
"""

import base64
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from omonat.crypto.provider import KeysUnavailable, OneKey, body_under, key_name, unavailable, with_head
from omonat.kernel.errors import Damaged, Misconfigured
from omonat.kernel.settings import OpenBao, is_safe_address

if TYPE_CHECKING:
    import httpx

TOKEN = "OMONAT_OPENBAO_TOKEN"  # noqa: S105 - the name of a variable
_NOT_OURS = ("message authentication failed", "invalid ciphertext")
_TOO_OLD = "disallowed by policy (too old)"
_ENDED = (
    "Let OpenBao open nothing older, so that older copies of the key store stay closed: "
    "bao write {mount}/keys/{key}/config min_decryption_version={version}; then "
    "bao write {mount}/keys/{key}/trim min_available_version={version} destroys the older versions for good."
)


class OpenBaoKeyProvider(OneKey):
    """One key of a transit engine, whose administrator rotates it: each version of it has a name of its own.

    Its `rewrap` does not take associated data (openbao.org/api-docs/secret/transit), so a key that is moved to another
    version is opened and wrapped anew, as with every other provider.
    """

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

    def holds(self, name: str) -> bool:
        """Whether it is a version of its key."""
        return name.partition("#")[0] == self.key_id

    def newest(self) -> str:
        """The newest version; the engine says it with everything that it wraps."""
        return key_name(self.wrap(b"probe", b""))

    def make(self, above: int) -> str:
        """The newest version: `bao write -f transit/keys/KEY/rotate` makes one."""
        return self.newest()

    def end(self, retired: list[str], kept: str) -> list[str]:
        """What the administrator of the engine has to do."""
        if not any(map(self.holds, retired)):
            return []
        if self.holds(kept):
            mount, key, version = self._settings.mount.strip("/"), self._settings.key, kept.partition("#v")[2]
            return [_ENDED.format(mount=mount, key=key, version=version)]
        return super().end([self.key_id], kept)

    def wrap(self, key: bytes, context: bytes, name: str = "") -> bytes:
        """Body: the engine's text, such as `vault:v1:...`, which names the version of its key."""
        asked: dict[str, str | int] = {"plaintext": _base64(key), "associated_data": _base64(context)}
        version = name.partition("#v")[2]
        answer = self._ask("encrypt", {**asked, "key_version": int(version)} if version else asked)
        return with_head(self.key_id, self._field(answer, "ciphertext").encode())

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The opposite of wrap."""
        text = body_under(self.key_id, wrapped).decode("ascii", "replace")
        answer = self._ask("decrypt", {"ciphertext": text, "associated_data": _base64(context)})
        try:
            return base64.b64decode(self._field(answer, "plaintext"), validate=True)
        except ValueError:
            raise unavailable("openbao", "answer") from None

    def _ask(self, act: str, body: Mapping[str, str | int]) -> Any:
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


def _failure(answer: "httpx.Response") -> Damaged | KeysUnavailable | Misconfigured:
    """A wrong place or changed bytes are 400 with a known text; all else is for the operator to mend, then passes."""
    said = _json(answer)
    errors = " ".join(map(str, said.get("errors", []))) if isinstance(said, dict) else ""
    if answer.status_code == 400 and any(words in errors for words in _NOT_OURS):
        return Damaged(what="A wrapped key")
    if answer.status_code == 400 and _TOO_OLD in errors:
        what = "A key lies under a version of OpenBao's key that may not be used any more (min_decryption_version)."
        return Misconfigured(what=what, fix="Use a newer copy of the key store, or allow that version again.")
    return unavailable("openbao", f"status {answer.status_code}")


def _json(answer: "httpx.Response") -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
