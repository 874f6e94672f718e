"""The layout of the files, as C2SP tlog-tiles has it."""

from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omonat.ledger.merkle import is_consistent, is_included, leaf_hash, root_of
from omonat.ledger.proofs import Tree
from omonat.ledger.tiles import (
    ENTRIES,
    Growth,
    Tile,
    TileFolder,
    pack_entries,
    tile_path,
    unpack_entries,
    unpack_hashes,
    width_at,
    write_whole,
)  # fmt: skip

ENTRY = [n.to_bytes(32) for n in range(1, 70_001)]


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 273, 112, "tile/0/273.p/112"),
        (3, 1234067, 256, "tile/3/x001/x234/067"),
        (ENTRIES, 1234067, 5, "tile/entries/x001/x234/067.p/5"),
        (1, 1000, 256, "tile/1/x001/000"),
    ],
)
def test_paths(level: int, index: int, width: int, path: str) -> None:
    assert tile_path(level, index, width) == path


def test_the_tree_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    growth, full = Growth(), []
    for entry in ENTRY:
        full += growth.append(entry)
    count = {level: sum(tile.level == level for tile in full) for level in (ENTRIES, 0, 1, 2)}
    assert count == {ENTRIES: 273, 0: 273, 1: 1, 2: 0}
    assert {(tile.level, tile.index, tile.width) for tile in growth.edge()} == {
        (ENTRIES, 273, 112), (0, 273, 112), (1, 1, 17), (2, 0, 1),
    }  # fmt: skip
    assert growth.root() == root_of(leaf_hash(entry) for entry in ENTRY)
    assert all(width_at(tile.level, tile.index, 70_000) == tile.width for tile in [*full, *growth.edge()])


def test_the_tree_of_256_has_one_full_tile_and_one_hash_above() -> None:
    growth = Growth()
    full = [tile for entry in ENTRY[:256] for tile in growth.append(entry)]
    assert [(tile.level, tile.index, tile.width) for tile in full] == [(ENTRIES, 0, 256), (0, 0, 256)]
    assert [(tile.level, tile.index, tile.width) for tile in growth.edge()] == [(1, 0, 1)]


@given(st.lists(st.binary(max_size=70), max_size=256))
def test_bundles_come_back(entries: list[bytes]) -> None:
    assert unpack_entries(pack_entries(entries)) == entries


@given(st.lists(st.binary(min_size=1, max_size=70), min_size=1, max_size=5), st.integers(1, 20))
def test_a_bundle_that_breaks_off_is_refused(entries: list[bytes], cut: int) -> None:
    packed = pack_entries(entries)
    short = packed[: -min(cut, len(entries[-1]) + 1)]
    with pytest.raises(ValueError, match="breaks off"):
        unpack_entries(short)


@given(st.binary(max_size=200))
def test_parsing_never_fails_in_another_way(data: bytes) -> None:
    for unpack in (unpack_entries, unpack_hashes):
        try:
            unpack(data)
        except ValueError as error:
            assert "breaks off" in str(error)


def store(folder: TileFolder, growth: Growth, entries: list[bytes]) -> None:
    full: list[Tile] = []
    for entry in entries:
        full += growth.append(entry)
    for tile in [*full, *growth.edge()]:
        folder.write(tile)
    for tile in full:
        folder.drop_partials(tile)


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.integers(0, 700), min_size=1, max_size=4))
def test_a_tree_goes_on_from_its_tiles(steps: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder, size = TileFolder(tmp_path_factory.mktemp("tree")), 0
    for step in steps:
        growth = folder.find_growth(size)
        assert growth is not None
        store(folder, growth, ENTRY[size : size + step])
        size += step
        assert growth.size == size
        assert growth.root() == root_of(leaf_hash(entry) for entry in ENTRY[:size])


@pytest.fixture(scope="module")
def big_tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    path = tmp_path_factory.mktemp("big")
    store(TileFolder(path), Growth(), ENTRY[:1500])
    return Tree(path)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_proofs_from_tiles_hold(big_tree: Tree, data: st.DataObject) -> None:
    size = 1500
    position = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    root = root_of(leaf_hash(entry) for entry in ENTRY[:size])
    old_root = root_of(leaf_hash(entry) for entry in ENTRY[:old])
    assert big_tree.entry(position, size) == ENTRY[position]
    proof = big_tree.inclusion_proof(position, size)
    assert is_included(leaf_hash(ENTRY[position]), position, size, proof=proof, root=root)
    assert is_consistent((old, old_root), (size, root), big_tree.consistency_proof(old, size))


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.integers(1, 400), min_size=2, max_size=4), data=st.data())
def test_what_a_tree_remembers_stays_right_while_it_grows(
    steps: list[int], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path, size = tmp_path_factory.mktemp("growing"), 0
    folder, tree = TileFolder(path), Tree(path)
    for step in steps:
        growth = folder.find_growth(size)
        assert growth is not None
        store(folder, growth, ENTRY[size : size + step])
        size += step
        smaller = data.draw(st.integers(1, size))
        signed = Tree(path, size)  # knows of the smaller tree, too, which may have no tiles of its own
        for known, at_size in ((tree, size), (signed, size), (signed, smaller)):
            root = root_of(leaf_hash(entry) for entry in ENTRY[:at_size])
            for position in {0, at_size - 1, data.draw(st.integers(0, at_size - 1))}:
                proof = known.inclusion_proof(position, at_size)
                assert is_included(leaf_hash(ENTRY[position]), position, at_size, proof=proof, root=root)


def test_a_second_proof_from_the_same_tiles_reads_no_file(tmp_path: Path) -> None:
    store(TileFolder(tmp_path), Growth(), ENTRY[:1500])
    tree = Tree(tmp_path)
    first = tree.inclusion_proof(700, 1500)
    with mock.patch.object(TileFolder, "read", side_effect=AssertionError("a file is read")):
        assert tree.inclusion_proof(700, 1500) == first
        tree.inclusion_proof(701, 1500)


def test_only_the_last_tiles_are_remembered(tmp_path: Path) -> None:
    store(TileFolder(tmp_path), Growth(), ENTRY[:1500])
    with mock.patch("omonat.ledger.proofs._MOST_TILES", 3):
        tree = Tree(tmp_path)
        proofs = [tree.inclusion_proof(position, 1500) for position in range(0, 1500, 100)]
        assert len(tree._kept) == 3
    assert proofs == [Tree(tmp_path).inclusion_proof(position, 1500) for position in range(0, 1500, 100)]


def test_a_full_tile_serves_for_its_narrower_versions(tmp_path: Path) -> None:
    folder = TileFolder(tmp_path)
    growth = Growth()
    store(folder, growth, ENTRY[:100])
    assert (tmp_path / "tile/0/000.p/100").exists()
    store(folder, growth, ENTRY[100:256])
    assert not (tmp_path / "tile/0/000.p").exists()
    assert not (tmp_path / "tile/entries/000.p").exists()
    assert folder.find(ENTRIES, 0, 100) == ENTRY[:100]
    assert folder.find(0, 0, 256) == [leaf_hash(entry) for entry in ENTRY[:256]]
    assert folder.find(0, 1, 1) is None


def test_a_crash_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a" / "checkpoint"
    write_whole(path, b"old")
    with mock.patch("os.fsync", side_effect=OSError("full")), pytest.raises(OSError, match="full"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    write_whole(path, b"new")
    assert sorted(found.name for found in path.parent.iterdir()) == ["checkpoint"]
    assert path.read_bytes() == b"new"
