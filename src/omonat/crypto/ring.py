"""Every key-encryption key that can be reached. What is wrapped is opened by the one that its head names."""

from collections import Counter

from omonat.crypto.provider import KeyProvider, foreign, key_name
from omonat.kernel.errors import Misconfigured


class KeyRing:
    """The provider that keys go to, and those under which some may still lie while they are moved."""

    def __init__(self, current: KeyProvider, *old: KeyProvider) -> None:
        """Raises Misconfigured when two providers give their keys one name: nobody could tell what lies under which."""
        self._current = current
        self._all = (current, *old)
        for key_id, count in Counter(one.key_id for one in self._all).items():
            if count > 1:
                what = f"[key_provider] and [[old_key_provider]] both name their key “{key_id}”."
                raise Misconfigured(what=what, fix="Give the new key another name; move one provider at a time.")

    def newest(self) -> str:
        """Name of the key that a new installation begins with. Raises KeysUnavailable."""
        return self._current.newest()

    def make(self, above: int) -> str:
        """Name of the key that a rotation goes to. Raises KeysUnavailable."""
        return self._current.make(above)

    def wrap(self, key: bytes, context: bytes, name: str) -> bytes:
        """`key` under the key of this name. Raises KeysUnavailable, Misconfigured."""
        return self._holder(name).wrap(key, context, name)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key. Raises Damaged, KeysUnavailable, Misconfigured."""
        return self._holder(key_name(wrapped)).unwrap(wrapped, context)

    def end(self, retired: list[str], kept: str) -> list[str]:
        """Destroy what nothing lies under any more; returns what the operator has to do at other providers."""
        return [advice for provider in self._all for advice in provider.end(retired, kept)]

    def _holder(self, name: str) -> KeyProvider:
        for provider in self._all:
            if provider.holds(name):
                return provider
        raise foreign(name, self._current.key_id)
