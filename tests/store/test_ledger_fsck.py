"""The files alone: what fsck finds in them, what may be published of them, proofs of every size."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete
from store.ledger_log import KEY, NOW, ORIGIN, SIGNER, Log, codes

from omonat.crypto.signing import Signer
from omonat.kernel.errors import Damaged, NotFound
from omonat.ledger import Checkpoint, OutsideTree, Published, fsck, merkle, verifier_key_of
from omonat.ledger.note import sign_checkpoint
from omonat.ledger.tiles import unpack_entries
from omonat.storage import Database, data_tables
from omonat.storage.schema import ledger_event

COUNT = 700


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """A ledger of 700 entries, signed at 3, 300 and 700."""
    place = tmp_path_factory.mktemp("made")
    database = Database(f"sqlite:///{place / 'omonat.db'}", data_tables)
    database.create_tables()
    log = Log(database, place / "ledger")
    heads = [log.integrate(count) for count in (3, 297, 400)]
    (place / "old").write_bytes(heads[1])
    return log


@pytest.fixture
def copy(made: Log, tmp_path: Path) -> Path:
    """A copy of its folder somewhere else; the database is not there."""
    return Path(shutil.copytree(made.folder, tmp_path / "elsewhere"))


def old_of(log: Log) -> bytes:
    return (log.folder.parent / "old").read_bytes()


def test_a_copy_is_whole_without_the_database(made: Log, copy: Path) -> None:
    done: list[tuple[int, int]] = []
    report = fsck(copy, KEY, old_checkpoint=old_of(made), progress=lambda *step: done.append(step))
    assert (report.ok, report.size, report.checked, report.findings) == (True, COUNT, COUNT, ())
    assert report.root == made.head().root.hex()
    assert done[-1] == (COUNT, COUNT)
    assert any("Only files" in str(one) for one in report.unknowns)
    assert any("older checkpoint" in str(one) for one in fsck(copy, KEY).unknowns)


def test_every_flipped_byte_that_counts_is_found(copy: Path) -> None:
    read = [path for path in sorted(copy.rglob("*")) if path.is_file() and path.name != ".lock"]
    needed = {path for path in read if path.name != "1" and path.name not in {"3", "44"}}
    for path in read:
        whole = path.read_bytes()
        for at in {0, len(whole) // 2, len(whole) - 1}:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            assert not fsck(copy, KEY).ok, (path, at)
        path.unlink()
        assert fsck(copy, KEY).ok == (path not in needed), path
        path.write_bytes(whole)
    assert fsck(copy, KEY).ok


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("checkpoint", "no_checkpoint"), ("tile/entries/001", "bundle_missing"), ("tile/0/000", "tile_missing"),
        ("tile/1/000.p/2", "tile_missing"), ("tile/entries/002.p/188", "bundle_missing"),
    ],
)  # fmt: skip
def test_a_missing_file_is_named(copy: Path, path: str, code: str) -> None:
    (copy / path).unlink()
    assert code in codes(fsck(copy, KEY))


def test_a_stranger_s_key_opens_nothing(copy: Path) -> None:
    assert "checkpoint_forged" in codes(fsck(copy, verifier_key_of(ORIGIN, Signer(b"s" * 32))))


def test_a_head_of_any_size_is_looked_for_only_so_long(copy: Path) -> None:
    for signer in (SIGNER, Signer(b"s" * 32)):
        head = Checkpoint(ORIGIN, 2**62, b"r" * 32)
        (copy / "checkpoint").write_bytes(sign_checkpoint(head, signer))
        assert "entries_missing" in codes(fsck(copy, KEY))


def test_a_cut_end_and_a_rewritten_history_need_an_old_checkpoint(made: Log, copy: Path, tmp_path: Path) -> None:
    newest = (copy / "checkpoint").read_bytes()
    (copy / "checkpoint").write_bytes(old_of(made))
    assert codes(fsck(copy, KEY, old_checkpoint=newest)) >= {"end_cut"}
    other = Database(f"sqlite:///{tmp_path / 'other.db'}", data_tables)
    other.create_tables()
    forged = Log(other, tmp_path / "forged")
    forged.integrate(COUNT + 5)
    assert fsck(forged.folder, KEY).ok
    assert codes(fsck(forged.folder, KEY, old_checkpoint=newest)) == {"history_rewritten"}
    other.close()


# --- what is published ----------------------------------------------------------------------------------------------


def test_every_tile_up_to_the_signed_width_is_there_and_not_one_more(made: Log) -> None:
    public = Published(made.folder, KEY)
    entries = [row.hash for row in made.rows()]
    assert unpack_entries(public.tile("tile/entries/001")) == entries[256:512]
    for width in (1, 44, 187, 188):
        assert unpack_entries(public.tile(f"tile/entries/002.p/{width}")) == entries[512 : 512 + width]
        leaves = b"".join(merkle.leaf_hash(entry) for entry in entries[512 : 512 + width])
        assert public.tile(f"tile/0/002.p/{width}") == leaves
    for path in (
        "tile/entries/002.p/189",
        "tile/entries/002",
        "tile/0/003",
        "tile/0/003.p/1",
        "tile/1/000",
        "tile/2/000",
    ):
        with pytest.raises(NotFound):
            public.tile(path)


def test_what_was_written_but_not_signed_is_not_there(made: Log, copy: Path) -> None:
    (copy / "checkpoint").write_bytes(old_of(made))
    public = Published(copy, KEY)
    assert public.size() == 300
    with pytest.raises(NotFound):
        public.tile("tile/0/002.p/188")
    with pytest.raises(OutsideTree):
        public.inclusion(300)


def test_proofs_hold_for_every_size_also_one_that_was_never_signed(made: Log) -> None:
    public = Published(made.folder, KEY)
    leaves = [merkle.leaf_hash(row.hash) for row in made.rows()]
    roots = {size: merkle.root_of(leaves[:size]) for size in (1, 3, 255, 256, 257, 299, 511, 513, 699, 700)}
    for size, root in roots.items():
        for position in {0, size // 2, size - 1}:
            found = public.inclusion(position, size)
            assert bytes.fromhex(found.leaf_hash) == leaves[position] == merkle.leaf_hash(bytes.fromhex(found.entry))
            proof = [bytes.fromhex(one) for one in found.proof]
            assert merkle.is_included(leaves[position], position, size, proof=proof, root=root)
        for old in (one for one in roots if one <= size):
            proof = [bytes.fromhex(one) for one in public.consistency(old, size).proof]
            assert merkle.is_consistent((old, roots[old]), (size, root), proof)


@pytest.mark.parametrize(("at", "size", "name"), [(700, None, "position"), (0, 701, "size"), (5, 5, "position")])
def test_a_place_outside_is_named(made: Log, at: int, size: int | None, name: str) -> None:
    with pytest.raises(OutsideTree) as caught:
        Published(made.folder, KEY).inclusion(at, size)
    assert caught.value.names == (name,)


def test_damage_is_said_and_not_served(copy: Path, tmp_path: Path) -> None:
    (copy / "tile/0/000").write_bytes(b"short")
    for act in (lambda: Published(copy, KEY).tile("tile/0/000"), lambda: Published(copy, KEY).inclusion(0)):
        with pytest.raises(Damaged):
            act()
    (copy / "checkpoint").write_bytes(b"nothing")
    with pytest.raises(Damaged):
        Published(copy, KEY).size()
    with pytest.raises(NotFound):
        Published(tmp_path, KEY).checkpoint()


def test_erasing_the_rows_leaves_the_files_valid(database: Database, tmp_path: Path) -> None:
    log = Log(database, tmp_path / "ledger")
    log.integrate(20)
    log.tamper(delete(ledger_event))
    assert fsck(log.folder, KEY).ok
    assert log.node().integrate_once(NOW) >= 0
