"""Cosignatures as C2SP tlog-cosignature writes them down (cosignature/v1, Ed25519, type 0x04). Pure.

A witness says by one: at that moment, this was the largest tree that I have seen of the log, and it began with every
tree that I have seen of it before. Wire format: never change a line of the signed message.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import ClassVar

from omonat.crypto.signing import Signer, is_signed_by
from omonat.ledger.note import Note, Signature, VerifierKey, parse_note, read_key

_TIME_LENGTH = 8
LATEST = 253_402_300_799  # the end of the year 9999: what lies further in the future is refused, as verifiers may


class WitnessKey(VerifierKey, frozen=True):
    """The public half of a witness's key."""

    KIND: ClassVar[bytes] = b"\x04"

    def has_signed(self, text: str, signature: bytes) -> bool:
        """Whether `signature` (time and Ed25519 signature) is this witness's over a checkpoint."""
        seconds = int.from_bytes(signature[:_TIME_LENGTH])
        if seconds > LATEST:
            return False
        return is_signed_by(self.public_key, _message(seconds, text), signature[_TIME_LENGTH:])


def read_witness_key(text: str) -> WitnessKey:
    """The key in `name+keyid+base64` of type 0x04. Raises BadNote."""
    return read_key(text, WitnessKey)


def cosign(text: str, name: str, signer: Signer, at: datetime) -> Signature:
    """What the witness `name` puts under the checkpoint `text` at the moment `at`."""
    seconds = int(at.timestamp())
    signature = seconds.to_bytes(_TIME_LENGTH) + signer.sign(_message(seconds, text))
    return Signature(name, WitnessKey(name, signer.public_key).key_id, signature)


def cosigned_at(signature: Signature) -> datetime:
    """The moment that a verified cosignature states."""
    return datetime.fromtimestamp(_seconds(signature), UTC)


def with_cosignatures(data: bytes, found: Iterable[Signature]) -> bytes:
    """The note `data` with cosignatures under it: of each key the newest, whether it was there or is new.

    `found` are verified and belong to its text. Raises BadNote when `data` is no note.
    """
    note = parse_note(data)
    lines = {(line.name, line.key_id): line for line in note.signatures}
    for line in found:
        before = lines.get((line.name, line.key_id))
        if before is None or _seconds(before) <= _seconds(line):
            lines[line.name, line.key_id] = line
    return Note(note.text, tuple(lines.values())).data()


def _seconds(signature: Signature) -> int:
    return int.from_bytes(signature.signature[:_TIME_LENGTH])


def _message(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
