"""Signed notes and checkpoints, as C2SP signed-note and tlog-checkpoint write them down. Pure.

Wire formats: never reorder lines, never change a separator. A checkpoint is a note whose text is three lines: the
origin, the number of leaves, the root in base64. Signatures of keys that the reader does not know are passed over, so
that witnesses may add theirs.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from hashlib import sha256
from typing import ClassVar, TypeVar

import msgspec

from omonat.crypto.signing import PUBLIC_KEY_LENGTH, Signer, is_signed_by
from omonat.ledger.merkle import HASH_LENGTH

ED25519 = b"\x01"
KEY_ID_LENGTH = 4
LARGEST_NOTE = 1_000_000
MOST_SIGNATURES = 100
LARGEST_TREE = 2**63 - 1
_DASH = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class BadNote(ValueError):
    """These bytes are no signed note, no checkpoint or no key, or no known key signed them."""


class VerifierKey(msgspec.Struct, frozen=True):
    """The public half of a note key: `name` is the origin of the log, `public_key` is 32 bytes."""

    KIND: ClassVar[bytes] = ED25519
    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name, newline, kind, key)."""
        return sha256(self.name.encode() + b"\n" + self.KIND + self.public_key).digest()[:KEY_ID_LENGTH]

    def text(self) -> str:
        """The form in which keys are handed around: `name+keyid+base64`."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(self.KIND + self.public_key).decode()}"

    def has_signed(self, text: str, signature: bytes) -> bool:
        """Whether `signature` (what stands behind the key id) is this key's over `text`."""
        return is_signed_by(self.public_key, text.encode(), signature)


class Signature(msgspec.Struct, frozen=True):
    """One signature line: whose key, and what it made of the text."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """As it stands under a note, with its newline."""
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.signature).decode()}\n"


class Note(msgspec.Struct, frozen=True):
    """A text with its final newline, and the signatures under it, whoever made them."""

    text: str
    signatures: tuple[Signature, ...]

    def data(self) -> bytes:
        """The note as it is handed around."""
        return (self.text + "\n" + "".join(one.line() for one in self.signatures)).encode()


class Checkpoint(msgspec.Struct, frozen=True):
    """The head of a tree: `size` leaves under `root` (32 bytes), in the log named `origin`."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


Key = TypeVar("Key", bound=VerifierKey)


def read_verifier_key(text: str) -> VerifierKey:
    """The key of a log in `name+keyid+base64`. Raises BadNote, also when the id is not the one of this key."""
    return read_key(text, VerifierKey)


def read_key(text: str, form: type[Key]) -> Key:
    """The same, of a key of another kind."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    material = _from_base64(encoded)
    if not is_name(name) or material[:1] != form.KIND or len(material) != 1 + PUBLIC_KEY_LENGTH:
        raise BadNote("not an Ed25519 verifier key of this kind")
    key = form(name, material[1:])
    if key_id != key.key_id.hex():
        raise BadNote("the id of the key is not the one of its bytes")
    return key


def verifier_key_of(name: str, signer: Signer) -> VerifierKey:
    """What others need to check what `signer` signs under `name`. Raises BadNote for a name with spaces or plus."""
    if not is_name(name):
        raise BadNote("a key name has no spaces and no plus")
    return VerifierKey(name, signer.public_key)


def sign_note(text: str, name: str, signer: Signer) -> bytes:
    """`text`, which ends in a newline, with one signature line under it."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise BadNote("the text of a note ends in a newline and holds no control characters")
    key = verifier_key_of(name, signer)
    return Note(text, (Signature(name, key.key_id, signer.sign(text.encode())),)).data()


def parse_note(data: bytes) -> Note:
    """Take a note apart; nothing of it is verified yet. Raises BadNote."""
    if len(data) > LARGEST_NOTE:
        raise BadNote("too long for a note")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise BadNote("not UTF-8") from None
    text, separator, signatures = whole.rpartition("\n\n")
    if not separator or not signatures.endswith("\n") or _CONTROL.search(whole):
        raise BadNote("no signature under the text")
    lines = signatures[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise BadNote("too many signatures")
    return Note(text + "\n", tuple(_parse_signature(line) for line in lines))


def _parse_signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    blob = _from_base64(encoded)
    if not line.startswith(_DASH) or not is_name(name) or len(blob) <= KEY_ID_LENGTH:
        raise BadNote("a signature line is not one")
    return Signature(name, blob[:KEY_ID_LENGTH], blob[KEY_ID_LENGTH:])


def open_note(data: bytes, keys: Sequence[VerifierKey]) -> Note:
    """The note, if at least one of `keys` signed it; only the verified signatures are in the answer.

    Raises BadNote when none did, and when a line that names a known key is not its signature.
    """
    note = parse_note(data)
    known = {(key.name, key.key_id): key for key in keys}
    verified = []
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not key.has_signed(note.text, line.signature):
            raise BadNote("a signature does not belong to the text")
        verified.append(line)
    if not verified:
        raise BadNote("not signed by the key that was given")
    return Note(note.text, tuple(verified))


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """The lines that are signed."""
    root = b64encode(checkpoint.root).decode()
    return "".join(f"{line}\n" for line in (checkpoint.origin, checkpoint.size, root, *checkpoint.extensions))


def parse_checkpoint(text: str) -> Checkpoint:
    """The head that a note text states. Raises BadNote."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() != "" or not all(lines):
        raise BadNote("a checkpoint has at least three lines, none empty")
    origin, size, encoded, *extensions = lines
    root = _from_base64(encoded)
    if not _SIZE.fullmatch(size) or int(size) > LARGEST_TREE or len(root) != HASH_LENGTH:
        raise BadNote("a checkpoint states a size and a root of 32 bytes")
    return Checkpoint(origin, int(size), root, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """The checkpoint as a note, signed under its own origin."""
    return sign_note(checkpoint_text(checkpoint), checkpoint.origin, signer)


def open_checkpoint(data: bytes, key: VerifierKey) -> Checkpoint:
    """The head that the owner of `key` signed for the log named like the key. Raises BadNote."""
    checkpoint = parse_checkpoint(open_note(data, [key]).text)
    if checkpoint.origin != key.name:
        raise BadNote("the checkpoint of another log")
    return checkpoint


def _from_base64(text: str) -> bytes:
    """Standard alphabet with padding, in its one canonical spelling."""
    try:
        data = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise BadNote("not base64") from None
    if b64encode(data).decode() != text:
        raise BadNote("not canonical base64")
    return data


def is_name(name: str) -> bool:
    """Whether a key may be called so: no spaces, no plus."""
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name)
