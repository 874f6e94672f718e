"""Witnesses: what they cosign, what they refuse, and how their word comes back into the ledger."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import update
from store.ledger_log import KEY, NOW, ORIGIN, SIGNER, Log, at, rewritten

from omonat.crypto.signing import Signer
from omonat.ledger import BadCheckpoint, Checkpoint, Cosignatures, NotConsistent, TreeShrank, Witness, WitnessKey
from omonat.ledger.note import open_checkpoint, open_note, parse_note, sign_checkpoint
from omonat.ledger.tiles import TileFolder
from omonat.storage import Database
from omonat.storage.schema import ledger_event

NAME = "witness.example.uz/one"
SEED = Signer(b"w" * 32)
WITNESS = WitnessKey(NAME, SEED.public_key)
OTHER = WitnessKey("witness.example.uz/two", Signer(b"v" * 32).public_key)


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path / "ledger")


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(NAME, SEED, KEY, tmp_path / "state")


def cosign(witness: Witness, log: Log, hours: int = 0) -> bytes:
    return witness.cosign(TileFolder(log.folder), NOW + timedelta(hours=hours)).note


def other_history(log: Log, tmp_path: Path) -> Log:
    """Whoever has everything changes an event and signs the whole tree again, under the same name."""
    body = rewritten(log.rows()[1])
    log.tamper(update(ledger_event).where(at(1)).values(body=body, hash=sha256(body).digest()))
    log.sequencer.release(NOW)
    forged = Log(log.database, tmp_path / "forged")
    forged.sequencer.rebuild(NOW)
    forged.integrate(1)
    assert forged.verify().ok
    return forged


def test_a_witness_cosigns_a_tree_that_grows(log: Log, witness: Witness) -> None:
    for count in (0, 1, 300, 0, 700):
        log.integrate(count)
        note = cosign(witness, log)
        assert open_checkpoint(note, KEY) == log.head()
        assert [line.name for line in open_note(note, [WITNESS]).signatures] == [NAME]
        assert open_checkpoint(witness.state.read_bytes(), KEY) == log.head()


def test_a_smaller_tree_is_not_cosigned(log: Log, witness: Witness) -> None:
    small = log.integrate(3)
    log.integrate(3)
    cosign(witness, log)
    state = witness.state.read_bytes()
    (log.folder / "checkpoint").write_bytes(small)
    with pytest.raises(TreeShrank):
        cosign(witness, log)
    assert witness.state.read_bytes() == state
    assert witness.state.with_name("state.refused").read_bytes() == small


def test_a_rewritten_history_is_not_cosigned(log: Log, witness: Witness, tmp_path: Path) -> None:
    log.integrate(5)
    cosign(witness, log)
    state = witness.state.read_bytes()
    forged = other_history(log, tmp_path)
    with pytest.raises(NotConsistent):
        cosign(witness, forged)
    assert witness.state.read_bytes() == state
    refused = witness.state.with_name("state.refused").read_bytes()
    assert open_checkpoint(refused, KEY).size == 6  # both carry the ledger's own signature: that is the evidence


def test_a_fork_of_the_same_size_is_not_cosigned(log: Log, witness: Witness) -> None:
    log.integrate(5)
    cosign(witness, log)
    (log.folder / "checkpoint").write_bytes(sign_checkpoint(Checkpoint(ORIGIN, 5, b"f" * 32), SIGNER))
    with pytest.raises(NotConsistent):
        cosign(witness, log)


def test_a_signed_head_over_other_files_is_not_cosigned(log: Log, witness: Witness) -> None:
    log.integrate(5)
    for head in (
        Checkpoint(ORIGIN, 5, b"f" * 32),
        Checkpoint(ORIGIN, 900, b"f" * 32),
        Checkpoint(ORIGIN, 0, b"f" * 32),
    ):
        (log.folder / "checkpoint").write_bytes(sign_checkpoint(head, SIGNER))
        with pytest.raises(NotConsistent):
            cosign(witness, log)
    assert not witness.state.exists()


def test_missing_tiles_prove_nothing(log: Log, witness: Witness) -> None:
    log.integrate(5)
    cosign(witness, log)
    log.integrate(400)
    (log.folder / "tile/0/000").unlink()
    with pytest.raises(NotConsistent):
        cosign(witness, log)


@pytest.mark.parametrize(
    "data", [b"", b"nothing", sign_checkpoint(Checkpoint(ORIGIN, 9, b"r" * 32), Signer(b"s" * 32))]
)
def test_what_is_not_signed_by_the_ledger_is_not_cosigned(log: Log, witness: Witness, data: bytes) -> None:
    log.integrate(1)
    (log.folder / "checkpoint").write_bytes(data)
    with pytest.raises(BadCheckpoint):
        cosign(witness, log)


def test_a_damaged_memory_does_not_begin_anew(log: Log, witness: Witness) -> None:
    log.integrate(1)
    cosign(witness, log)
    for damage in (b"", witness.state.read_bytes().replace(b"\n1\n", b"\n0\n")):
        witness.state.write_bytes(damage)
        with pytest.raises(BadCheckpoint):
            cosign(witness, log)


def test_it_remembers_before_it_speaks(log: Log, tmp_path: Path) -> None:
    """A witness that cannot write down what it saw does not cosign it."""
    log.integrate(1)
    (tmp_path / "state").mkdir()
    with pytest.raises(OSError):
        cosign(Witness(NAME, SEED, KEY, tmp_path / "state"), log)


# --- back in the ledger ---------------------------------------------------------------------------------------------


def test_the_checkpoint_carries_cosignatures_until_it_grows(log: Log, witness: Witness) -> None:
    log.integrate(3)
    house = Cosignatures(log.folder, KEY, [WITNESS, OTHER])
    kept = house.add(cosign(witness, log))
    assert (kept.is_newest, [line.name for line in kept.lines]) == (True, [NAME])
    served = (log.folder / "checkpoint").read_bytes()
    assert [line.name for line in parse_note(served).signatures] == [ORIGIN, NAME]
    assert log.head().size == 3 and log.verify().ok
    log.sequencer.integrate_once(NOW)
    assert (log.folder / "checkpoint").read_bytes() == served  # nothing new: the lines stay
    log.integrate(1)
    assert [line.name for line in parse_note((log.folder / "checkpoint").read_bytes()).signatures] == [ORIGIN]
    assert (log.folder / "witnessed").read_bytes() == served  # the newest that somebody else vouches for
    assert log.verify(served).ok


def test_lines_of_several_witnesses_come_together(log: Log, witness: Witness, tmp_path: Path) -> None:
    log.integrate(3)
    house = Cosignatures(log.folder, KEY, [WITNESS, OTHER])
    house.add(cosign(witness, log))
    second = Witness(OTHER.name, Signer(b"v" * 32), KEY, tmp_path / "second")
    house.add(cosign(second, log))
    house.add(cosign(witness, log, hours=1))
    for path in ("checkpoint", "witnessed"):
        assert len(open_note((log.folder / path).read_bytes(), [WITNESS, OTHER]).signatures) == 2
        assert len(parse_note((log.folder / path).read_bytes()).signatures) == 3


def test_a_late_cosignature_is_kept_beside_the_checkpoint(log: Log, witness: Witness) -> None:
    log.integrate(3)
    late = cosign(witness, log)
    log.integrate(3)
    fresh = log.integrate(0)
    house = Cosignatures(log.folder, KEY, [WITNESS])
    assert not house.add(late).is_newest
    assert (log.folder / "checkpoint").read_bytes() == fresh
    assert open_checkpoint((log.folder / "witnessed").read_bytes(), KEY).size == 3
    newer = cosign(witness, log)
    assert house.add(newer).is_newest
    house.add(late)  # an older one does not push out a newer one
    assert open_checkpoint((log.folder / "witnessed").read_bytes(), KEY).size == 6


def test_the_word_of_strangers_is_not_taken(log: Log, witness: Witness) -> None:
    log.integrate(3)
    note = cosign(witness, log)
    for house in (Cosignatures(log.folder, KEY, [OTHER]), Cosignatures(log.folder, KEY, [])):
        with pytest.raises(BadCheckpoint):
            house.add(note)
    for data in (b"nothing", note.replace(b"\n3\n", b"\n2\n"), (log.folder / "checkpoint").read_bytes()):
        with pytest.raises(BadCheckpoint):
            Cosignatures(log.folder, KEY, [WITNESS]).add(data)
    assert not (log.folder / "witnessed").exists()


def test_a_ledger_that_was_rewritten_learns_it_from_its_witness(log: Log, witness: Witness, tmp_path: Path) -> None:
    log.integrate(5)
    note = cosign(witness, log)
    forged = other_history(log, tmp_path)
    with pytest.raises(NotConsistent):
        Cosignatures(forged.folder, KEY, [WITNESS]).add(note)
