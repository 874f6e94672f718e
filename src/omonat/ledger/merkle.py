"""The Merkle tree of RFC 6962, section 2.1, and its proofs. Pure: hashes in, hashes out.

Proofs are made as RFC 6962 (2.1.1, 2.1.2) defines them and checked as RFC 9162 (2.1.3.2, 2.1.4.2) tells a client to.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH_LENGTH = 32
EMPTY_ROOT = sha256(b"").digest()

Subtree = Callable[[int, int], bytes]
"""`subtree(start, end)`: the hash over the leaves from `start` up to, not including, `end`."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf (RFC 6962, 2.1): never reorder or drop the 0x00, it keeps leaves and nodes apart."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """The same of many, quicker."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 6962, 2.1)."""
    return sha256(b"\x01" + left + right).digest()


class CompactRange:
    """The roots of the complete subtrees of a growing tree, largest first: enough to go on and to get the root."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self.nodes: list[bytes] = []
        for leaf in leaves:
            self.append(leaf)

    def append(self, leaf: bytes) -> None:
        """Add one leaf, given by its hash."""
        self.nodes.append(leaf)
        self.size += 1
        size = self.size
        while size % 2 == 0:
            right = self.nodes.pop()
            self.nodes[-1] = node_hash(self.nodes[-1], right)
            size //= 2

    def root(self) -> bytes:
        """The root of the tree; of no leaves, the hash of nothing (RFC 6962, 2.1)."""
        return joined(self.nodes)


def joined(nodes: Sequence[bytes]) -> bytes:
    """The root over complete subtrees given from the largest to the smallest."""
    if not nodes:
        return EMPTY_ROOT
    root = nodes[-1]
    for node in reversed(nodes[:-1]):
        root = node_hash(node, root)
    return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, in bounded memory."""
    return CompactRange(leaves).root()


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """The same of a complete tree, quicker: the number of `hashes` is a power of two."""
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return hashes[0]


def complete_levels(hashes: Sequence[bytes]) -> list[Sequence[bytes]]:
    """Every node over `hashes` whose subtree is complete, level by level: first `hashes` themselves."""
    levels = [hashes]
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
        levels.append(hashes)
    return levels


def split_at(count: int) -> int:
    """The largest power of two smaller than `count` (k of RFC 6962, 2.1). `count` is at least 2."""
    return 1 << (count - 1).bit_length() - 1


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves: PATH(m, D[n]) of RFC 6962, 2.1.1.

    Raises ValueError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf in this tree")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split_at(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """That the tree of `new` leaves begins with the tree of `old`: PROOF(m, D[n]) of RFC 6962, 2.1.2.

    Empty for equal sizes and for an empty old tree. Raises ValueError unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise ValueError("the older tree is not the smaller one")
    if old in {0, new}:
        return []
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + split_at(end - start)
        if old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(subtree(start, end))
    return path[::-1]


def is_included(leaf: bytes, index: int, size: int, *, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows the leaf hash `leaf` at `index` in the tree of `size` and `root` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    fn, sn, found = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = node_hash(sibling, found)
            fn, sn = _up_to_right_child(fn, sn)
        else:
            found = node_hash(found, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root


def is_consistent(old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree `new` (size, root) begins with the tree `old` (RFC 9162, 2.1.4.2)."""
    (old_size, old_root), (new_size, new_root) = old, new
    if not 0 <= old_size <= new_size or not _are_hashes(*proof):
        return False
    if old_size == new_size:
        return old_root == new_root and not proof
    if old_size == 0:
        return old_root == EMPTY_ROOT and not proof
    if not proof:
        return False
    whole = old_size & (old_size - 1) == 0  # then the old root itself is where the path begins
    return _climb(old, new, [old_root, *proof] if whole else list(proof))


def _climb(old: tuple[int, bytes], new: tuple[int, bytes], path: list[bytes]) -> bool:
    (old_size, old_root), (new_size, new_root) = old, new
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    of_old = of_new = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            of_old, of_new = node_hash(step, of_old), node_hash(step, of_new)
            fn, sn = _up_to_right_child(fn, sn)
        else:
            of_new = node_hash(of_new, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and of_old == old_root and of_new == new_root


def _up_to_right_child(fn: int, sn: int) -> tuple[int, int]:
    """Levels at which the node has no sibling are left out of a proof: climb past them."""
    while not fn & 1 and fn:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_LENGTH for value in values)
