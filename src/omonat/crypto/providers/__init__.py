"""The key providers: a file (the default), OpenBao or Vault, AWS KMS, a PKCS#11 token. docs/operate-keys.md."""

from collections.abc import Sequence
from pathlib import Path

from omonat.crypto.provider import KeyProvider
from omonat.crypto.providers.aws import AwsKeyProvider
from omonat.crypto.providers.file import FileKeyProvider
from omonat.crypto.providers.openbao import OpenBaoKeyProvider
from omonat.crypto.providers.pkcs11 import Pkcs11KeyProvider
from omonat.crypto.ring import KeyRing
from omonat.kernel.settings import AwsKms, OpenBao, Pkcs11, ProviderSettings


def open_ring(current: ProviderSettings, old: Sequence[ProviderSettings], key_file: Path) -> KeyRing:
    """Every provider that the settings name. Raises Misconfigured with what to do."""
    moved = bool(old)  # then the files may have gone already, or be made only by the rotation
    providers = [open_provider(one, key_file, may_be_empty=moved) for one in (current, *old)]
    return KeyRing(*providers)


def open_provider(settings: ProviderSettings, key_file: Path, *, may_be_empty: bool = False) -> KeyProvider:
    """The provider that the settings name. Raises Misconfigured with what to do."""
    match settings:
        case OpenBao():
            return OpenBaoKeyProvider(settings)
        case AwsKms():
            return AwsKeyProvider(settings)
        case Pkcs11():
            return Pkcs11KeyProvider(settings)
        case _:
            return FileKeyProvider(key_file, may_be_empty=may_be_empty)


__all__ = ["AwsKeyProvider", "FileKeyProvider", "OpenBaoKeyProvider", "Pkcs11KeyProvider", "open_provider", "open_ring"]
