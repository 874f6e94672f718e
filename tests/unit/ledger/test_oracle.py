"""Our Merkle tree against an independent implementation (pymerkle): roots, and proofs in both directions."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree
from pymerkle.proof import InvalidProof

from omonat.ledger import merkle

MOST = 300
ENTRIES = [n.to_bytes(32) for n in range(MOST)]
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]


@cache
def oracle() -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for entry in ENTRIES:
        tree.append_entry(entry)
    return tree


def subtree(start: int, end: int) -> bytes:
    return merkle.root_of(LEAVES[start:end])


def test_roots_are_the_same_at_every_size() -> None:
    assert [oracle().get_root(size) for size in range(1, MOST + 1)] == [subtree(0, size) for size in range(1, MOST + 1)]
    assert oracle().get_root(0) == merkle.EMPTY_ROOT


sizes = st.integers(1, MOST)


@given(sizes, st.data())
def test_inclusion_proofs_are_the_same(size: int, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, size - 1))
    ours = merkle.inclusion_proof(position, size, subtree)
    theirs = oracle().prove_inclusion(position + 1, size)
    assert theirs.path == [LEAVES[position], *ours]
    theirs.verify(LEAVES[position], subtree(0, size), index=position + 1, size=size, algorithm="sha256")
    assert merkle.is_included(LEAVES[position], position, size, proof=theirs.path[1:], root=oracle().get_root(size))


@given(sizes, st.data())
def test_what_grew_here_grew_there(new: int, data: st.DataObject) -> None:
    """Its consistency proofs have another form than those of RFC 6962: each side checks its own, on the same roots."""
    old = data.draw(st.integers(1, new))
    roots = subtree(0, old), subtree(0, new)
    theirs = oracle().prove_consistency(old, new)
    theirs.verify(*roots, prior_size=old, later_size=new, algorithm="sha256")
    ours = merkle.consistency_proof(old, new, subtree)
    assert merkle.is_consistent((old, oracle().get_root(old)), (new, oracle().get_root(new)), ours)
    stranger = merkle.root_of([*LEAVES[: old - 1], LEAVES[old - 1][::-1]])
    assert not merkle.is_consistent((old, stranger), (new, roots[1]), ours)
    with pytest.raises(InvalidProof):
        theirs.verify(stranger, roots[1])
