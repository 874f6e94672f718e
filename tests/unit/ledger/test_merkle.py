"""The Merkle tree against published vectors and against the definition of RFC 6962, written down word by word."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.ledger.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    root_of,
)  # fmt: skip

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ledger_merkle.json").read_text("utf-8"))
ENTRIES = [bytes.fromhex(entry) for entry in VECTORS["entries"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
MORE = [bytes([n % 251]) * 32 for n in range(600)]


def by_definition(entries: Sequence[bytes]) -> bytes:
    """MTH(D[n]), RFC 6962, 2.1."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return sha256(b"\x01" + by_definition(entries[:k]) + by_definition(entries[k:])).digest()


def path_by_definition(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n]), RFC 6962, 2.1.1."""
    if len(entries) == 1:
        return []
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if m < k:
        return [*path_by_definition(m, entries[:k]), by_definition(entries[k:])]
    return [*path_by_definition(m - k, entries[k:]), by_definition(entries[:k])]


def subproof_by_definition(m: int, entries: Sequence[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b), RFC 6962, 2.1.2."""
    if m == len(entries):
        return [] if whole else [by_definition(entries)]
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if m <= k:
        return [*subproof_by_definition(m, entries[:k], whole), by_definition(entries[k:])]
    return [*subproof_by_definition(m - k, entries[k:], False), by_definition(entries[:k])]


def subtree_of(entries: Sequence[bytes]):  # type: ignore[no-untyped-def]
    return lambda start, end: by_definition(entries[start:end])


def test_hashes_are_the_published_ones() -> None:
    hashes = VECTORS["hashes"]
    assert EMPTY_ROOT.hex() == hashes["empty_root"]
    assert leaf_hash(b"").hex() == hashes["leaf_of_nothing"]
    assert leaf_hash(b"L123456").hex() == hashes["leaf_of_L123456"]
    assert node_hash(b"N123", b"N456").hex() == hashes["node_of_N123_N456"]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert root_of(leaf_hash(entry) for entry in ENTRIES[:size]) == ROOTS[size - 1]


@pytest.mark.parametrize("case", VECTORS["inclusion"], ids=lambda case: f"{case['index']} of {case['size']}")
def test_inclusion_proofs_are_the_published_ones(case: dict) -> None:
    proof = inclusion_proof(case["index"], case["size"], subtree_of(ENTRIES))
    assert [step.hex() for step in proof] == case["proof"]
    leaf = leaf_hash(ENTRIES[case["index"]])
    assert is_included(leaf, case["index"], case["size"], proof=proof, root=ROOTS[case["size"] - 1])


@pytest.mark.parametrize("case", VECTORS["consistency"], ids=lambda case: f"{case['old']} to {case['new']}")
def test_consistency_proofs_are_the_published_ones(case: dict) -> None:
    old, new = case["old"], case["new"]
    proof = consistency_proof(old, new, subtree_of(ENTRIES))
    assert [step.hex() for step in proof] == case["proof"]
    assert is_consistent((old, ROOTS[old - 1]), (new, ROOTS[new - 1]), proof)


@given(st.integers(0, 300))
def test_compact_range_gives_the_root_of_the_definition(size: int) -> None:
    assert CompactRange(leaf_hash(entry) for entry in MORE[:size]).root() == by_definition(MORE[:size])


@given(st.data())
def test_inclusion_proofs_follow_the_definition_and_hold(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 130))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, subtree_of(MORE))
    root = by_definition(MORE[:size])
    assert proof == path_by_definition(index, MORE[:size])
    assert is_included(leaf_hash(MORE[index]), index, size, proof=proof, root=root)


@given(st.data())
def test_consistency_proofs_follow_the_definition_and_hold(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 130))
    old = data.draw(st.integers(1, new))
    proof = consistency_proof(old, new, subtree_of(MORE))
    assert proof == subproof_by_definition(old, MORE[:new], True)
    assert is_consistent((old, by_definition(MORE[:old])), (new, by_definition(MORE[:new])), proof)


def spoiled(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    """The proof with one thing wrong."""
    kinds = ["longer", "odd"] + (["shorter", "flipped"] if proof else [])
    kind = data.draw(st.sampled_from(kinds))
    if kind == "longer":
        return [*proof, data.draw(st.sampled_from([b"\x00" * 32, *proof]))]
    if kind == "odd":
        return [b"", *proof]
    if kind == "shorter":
        return proof[:-1]
    at = data.draw(st.integers(0, len(proof) - 1))
    return [*proof[:at], bytes([proof[at][0] ^ 8]) + proof[at][1:], *proof[at + 1 :]]


@given(st.data())
def test_a_spoiled_inclusion_proof_does_not_hold(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, subtree_of(MORE))
    leaf, root = leaf_hash(MORE[index]), by_definition(MORE[:size])
    assert not is_included(leaf, index, size, proof=spoiled(proof, data), root=root)
    assert not is_included(leaf_hash(b"another"), index, size, proof=proof, root=root)
    assert not is_included(leaf, index, size, proof=proof, root=EMPTY_ROOT)
    for other in {index - 1, index + 1, index ^ 2} - {index}:
        assert not is_included(leaf, other, size, proof=proof, root=root) or MORE[other] == MORE[index]


@given(st.data())
def test_a_spoiled_consistency_proof_does_not_hold(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 70))
    old = data.draw(st.integers(1, new - 1))
    proof = consistency_proof(old, new, subtree_of(MORE))
    before, after = (old, by_definition(MORE[:old])), (new, by_definition(MORE[:new]))
    assert not is_consistent(before, after, spoiled(proof, data))
    assert not is_consistent((old, EMPTY_ROOT), after, proof)
    assert not is_consistent(before, (new, EMPTY_ROOT), proof)
    assert not is_consistent(after, before, proof)


def test_the_edges_of_consistency() -> None:
    one, two = ROOTS[0], ROOTS[1]
    assert is_consistent((0, EMPTY_ROOT), (0, EMPTY_ROOT), [])
    assert is_consistent((0, EMPTY_ROOT), (1, one), [])
    assert not is_consistent((0, one), (1, one), [])
    assert not is_consistent((0, EMPTY_ROOT), (1, one), [two])
    assert not is_consistent((1, one), (1, two), [])
    assert not is_consistent((1, one), (1, one), [two])
    assert not is_consistent((1, one), (2, two), [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1)])
def test_there_is_no_proof_for_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion_proof(index, size, subtree_of(MORE))
    assert not is_included(leaf_hash(b""), index, size, proof=[], root=leaf_hash(b""))
