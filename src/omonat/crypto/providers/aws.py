"""AWS KMS. The key-encryption key never leaves it. Needs the extra `omonat[aws]`.

The context goes along as KMS's encryption context, which is authenticated; it is written to CloudTrail in clear, so
only its SHA-256 goes: no id of a person leaves the installation.
"""

import hashlib
import threading
from typing import Any

from omonat.crypto.provider import KeysUnavailable, OneKey, body_under, unavailable, with_head
from omonat.kernel.errors import Damaged, Misconfigured
from omonat.kernel.settings import AwsKms, is_safe_address

_NOT_OURS = {"InvalidCiphertextException", "IncorrectKeyException"}


class AwsKeyProvider(OneKey):
    """One symmetric key of KMS, named by its ARN: an alias could be made to mean another key."""

    def __init__(self, settings: AwsKms) -> None:
        """Raises Misconfigured: no ARN of a key, an address in clear, or the extra is missing."""
        parts = settings.key.split(":")
        if len(parts) != 6 or parts[2] != "kms" or not parts[5].startswith("key/"):
            raise Misconfigured(
                what="[key_provider] key is not the ARN of a KMS key.",
                fix="Set key to arn:aws:kms:REGION:ACCOUNT:key/ID in omonat.toml; an alias does not do.",
            )
        if settings.endpoint and not is_safe_address(settings.endpoint):
            raise Misconfigured(what="[key_provider] endpoint is not https.", fix="Set it to https://... or remove it.")
        self._settings, self._region = settings, parts[3]
        self.key_id = f"aws-kms:{settings.key}"
        self._boto = _import()
        self._client: Any = None
        self._lock = threading.Lock()

    def wrap(self, key: bytes, context: bytes, name: str = "") -> bytes:
        """Body: the ciphertext blob of KMS."""
        answer = self._ask("encrypt", Plaintext=key, EncryptionContext=_context(context))
        return with_head(self.key_id, answer["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The opposite of wrap."""
        body = body_under(self.key_id, wrapped)
        key: bytes = self._ask("decrypt", CiphertextBlob=body, EncryptionContext=_context(context))["Plaintext"]
        return key

    def _ask(self, act: str, **facts: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

        try:
            answer: dict[str, Any] = getattr(self._opened(), act)(KeyId=self._settings.key, **facts)
        except ClientError as error:
            raise _failure(error.response.get("Error", {}).get("Code", "")) from None
        except BotoCoreError as error:  # no credentials, no connection, no answer in time
            raise unavailable("aws-kms", type(error).__name__) from None
        return answer

    def _opened(self) -> Any:
        from botocore.config import Config  # type: ignore[import-untyped]

        with self._lock:
            if self._client is None:
                seconds = self._settings.timeout
                config = Config(connect_timeout=seconds, read_timeout=seconds, retries={"total_max_attempts": 2})
                self._client = self._boto.client(
                    "kms", region_name=self._region, endpoint_url=self._settings.endpoint or None, config=config
                )
            return self._client


def _import() -> Any:
    try:
        import boto3  # type: ignore[import-untyped]
    except ImportError:
        what = "The key provider aws-kms needs the extra omonat[aws], which is not installed."
        raise Misconfigured(what=what, fix="Run: pip install 'omonat[aws]'") from None
    return boto3


def _context(context: bytes) -> dict[str, str]:
    return {"omonat": hashlib.sha256(context).hexdigest()}


def _failure(code: str) -> Damaged | KeysUnavailable:
    return Damaged(what="A wrapped key") if code in _NOT_OURS else unavailable("aws-kms", code)
