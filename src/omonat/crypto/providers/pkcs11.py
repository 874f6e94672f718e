"""A PKCS#11 token: a hardware security module, or SoftHSM. Needs the extra `omonat[pkcs11]`.

AES-256-GCM inside the token (CKM_AES_GCM, PKCS#11 2.40 section 2.12), the context as its associated data. The nonce is
12 random bytes of the operating system. The key is made in the token beforehand, marked as sensitive and never
extractable: docs/operate-keys.md.
"""

import os
import threading
from typing import Any

from omonat.crypto.provider import OneKey, body_under, unavailable, with_head
from omonat.kernel.errors import Damaged, Misconfigured
from omonat.kernel.settings import Pkcs11

PIN = "OMONAT_PKCS11_PIN"
_NONCE_LENGTH, _TAG_LENGTH = 12, 16


class Pkcs11KeyProvider(OneKey):
    """One AES key of one token. Its calls go one after another, as a session of PKCS#11 asks for."""

    def __init__(self, settings: Pkcs11) -> None:
        """Raises Misconfigured when the extra is missing."""
        self._settings = settings
        self.key_id = f"pkcs11:{settings.token}/{settings.key}"
        self._pkcs11 = _import()
        self._lock = threading.Lock()
        self._session: Any = None
        self._key: Any = None
        self._pin_refused = False

    def wrap(self, key: bytes, context: bytes, name: str = "") -> bytes:
        """Body: `nonce (12) || ciphertext || tag (16)`."""
        nonce = os.urandom(_NONCE_LENGTH)
        return with_head(self.key_id, nonce + self._ask("encrypt", key, nonce, context))

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The opposite of wrap."""
        body = body_under(self.key_id, wrapped)
        if len(body) <= _NONCE_LENGTH + _TAG_LENGTH:
            raise Damaged(what="A wrapped key")
        return self._ask("decrypt", body[_NONCE_LENGTH:], body[:_NONCE_LENGTH], context)

    def _ask(self, act: str, value: bytes, nonce: bytes, context: bytes) -> bytes:
        errors = self._pkcs11.exceptions
        with self._lock:
            try:
                return self._twice(act, value, nonce, context)
            except (errors.PinIncorrect, errors.PinLocked, errors.PinInvalid):
                self._pin_refused = True
                raise _wrong_pin() from None
            except (errors.EncryptedDataInvalid, errors.EncryptedDataLenRange):
                raise Damaged(what="A wrapped key") from None
            except (errors.PKCS11Error, RuntimeError) as error:
                if act == "decrypt" and self._is_well():
                    raise Damaged(what="A wrapped key") from None
                raise unavailable("pkcs11", type(error).__name__) from None

    def _twice(self, act: str, value: bytes, nonce: bytes, context: bytes) -> bytes:
        """The library is started once more before giving up: a token that was away is not seen again otherwise."""
        try:
            return self._once(act, value, nonce, context)
        except (self._pkcs11.exceptions.PKCS11Error, RuntimeError) as error:
            self._forget()
            if "Pin" in type(error).__name__:
                raise
            self._pkcs11.lib(self._settings.library).reinitialize()
        return self._once(act, value, nonce, context)

    def _is_well(self) -> bool:
        """Whether the token opens what it has just sealed: many answer a wrong tag with a general error (SoftHSM)."""
        nonce = os.urandom(_NONCE_LENGTH)
        try:
            return self._once("decrypt", self._once("encrypt", b"probe", nonce, b""), nonce, b"") == b"probe"
        except (self._pkcs11.exceptions.PKCS11Error, RuntimeError):
            self._forget()
            return False

    def _once(self, act: str, value: bytes, nonce: bytes, context: bytes) -> bytes:
        parameters = self._pkcs11.GCMParams(nonce, context, 8 * _TAG_LENGTH)
        method = getattr(self._opened(), act)
        answer: bytes = method(value, mechanism=self._pkcs11.Mechanism.AES_GCM, mechanism_param=parameters)
        return answer

    def _opened(self) -> Any:
        """The key, in a session. A PIN that was refused is not tried again: three wrong ones lock most tokens."""
        if self._key is None:
            if self._pin_refused:
                raise _wrong_pin()
            pin = os.environ.get(PIN, "")
            if not pin:
                raise Misconfigured(what="The PIN of the token is not set.", fix=f"Set {PIN} in the environment.")
            token = self._pkcs11.lib(self._settings.library).get_token(token_label=self._settings.token)
            self._session = token.open(user_pin=pin)
            self._key = self._session.get_key(
                object_class=self._pkcs11.ObjectClass.SECRET_KEY,
                key_type=self._pkcs11.KeyType.AES,
                label=self._settings.key,
            )
        return self._key

    def _forget(self) -> None:
        session, self._session, self._key = self._session, None, None
        if session is not None:
            try:
                session.close()
            except self._pkcs11.exceptions.PKCS11Error:
                pass  # it had ended: that is why we are here


def _import() -> Any:
    try:
        import pkcs11
        import pkcs11.exceptions
    except ImportError:
        what = "The key provider pkcs11 needs the extra omonat[pkcs11], which is not installed."
        raise Misconfigured(what=what, fix="Run: pip install 'omonat[pkcs11]'") from None
    return pkcs11


def _wrong_pin() -> Misconfigured:
    return Misconfigured(
        what="The token refuses its PIN; it is not tried again, so that the token is not locked.",
        fix=f"Correct {PIN} in the environment and start again.",
    )
