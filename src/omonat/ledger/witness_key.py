"""The key file of a witness, in the form of other note signers: `PRIVATE+KEY+name+id+base64`."""

import os
from base64 import b64decode, b64encode
from pathlib import Path

from omonat.crypto.signing import SEED_LENGTH, Signer
from omonat.kernel.errors import Misconfigured
from omonat.ledger.cosignature import WitnessKey
from omonat.ledger.note import BadNote, is_name, read_key

_MARK = "PRIVATE+KEY+"
_OTHERS = 0o077


class WitnessKeyFile:
    """The key of one witness. Its `repr` shows the name only."""

    def __init__(self, name: str, seed: bytes) -> None:
        self.name, self.signer = name, Signer(seed)
        self._seed = seed

    @property
    def public(self) -> WitnessKey:
        """What is handed to those who shall believe this witness."""
        return WitnessKey(self.name, self.signer.public_key)

    @classmethod
    def new(cls, name: str) -> "WitnessKeyFile":
        """A new key. Raises BadNote for a name with spaces or plus."""
        if not is_name(name):
            raise BadNote("a key name has no spaces and no plus")
        return cls(name, os.urandom(SEED_LENGTH))

    def text(self) -> str:
        """The content of the file: a secret."""
        material = b64encode(WitnessKey.KIND + self._seed).decode()
        return f"{_MARK}{self.name}+{self.public.key_id.hex()}+{material}\n"

    @classmethod
    def read(cls, path: Path) -> "WitnessKeyFile":
        """The key in a file that only its owner may read. Raises Misconfigured."""
        if path.stat().st_mode & _OTHERS:
            raise Misconfigured(what=f"Others may read or change {path}.", fix=f"Run: chmod 600 {path}")
        try:
            return cls._parse(path.read_text("ascii"))
        except (ValueError, IndexError) as error:
            fix = "Make one: omonat ledger witness init --key FILE --name NAME"
            raise Misconfigured(what=f"{path} holds no key of a witness.", fix=fix) from error

    @classmethod
    def _parse(cls, text: str) -> "WitnessKeyFile":
        name, key_id, encoded = text.strip().removeprefix(_MARK).split("+", 2)
        material = b64decode(encoded, validate=True)
        found = cls(name, material[1:])
        if not text.startswith(_MARK) or material[:1] != WitnessKey.KIND or found.public.key_id.hex() != key_id:
            raise BadNote("not a key of a witness")
        read_key(found.public.text(), WitnessKey)
        return found

    def __repr__(self) -> str:
        return f"WitnessKeyFile({self.name!r}, …)"
