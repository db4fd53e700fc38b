"""Proofs about a Merkle tree, each with the check that somebody who trusts nobody runs.

Making them follows RFC 6962, sections 2.1.1 and 2.1.2; checking them follows RFC 9162, sections
2.1.3.2 and 2.1.4.2. A check never raises on what a stranger sent: it answers no.
"""

from collections.abc import Sequence

from argo_core.errors import InvalidInput
from argo_core.ledger.merkle import HASH_BYTES, Frontier, node_hash

Proof = tuple[bytes, ...]


def prove_inclusion(leaf_hashes: Sequence[bytes], index: int) -> Proof:
    """That the leaf at `index` is in the tree of all `leaf_hashes`, as siblings from below.

    Raises:
        InvalidInput: there is no such leaf.
    """
    if not 0 <= index < len(leaf_hashes):
        problem = f"{index} is not in a tree of {len(leaf_hashes)}"
        raise InvalidInput("index", problem, "give the index of a leaf")
    path: list[bytes] = []
    low, high = 0, len(leaf_hashes)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_root(leaf_hashes[middle:high]))
            high = middle
        else:
            path.append(_root(leaf_hashes[low:middle]))
            low = middle
    return tuple(reversed(path))


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether `proof` shows that `leaf`, a leaf hash, is at `index` of the tree with that root."""
    if not 0 <= index < size or not _are_hashes([leaf, root, *proof]):
        return False
    node, last, hashed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            hashed = node_hash(sibling, hashed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            hashed = node_hash(hashed, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and hashed == root


def prove_consistency(leaf_hashes: Sequence[bytes], old_size: int) -> Proof:
    """That the tree of the first `old_size` leaves is the beginning of the tree of all.

    From the empty tree, and from the whole tree to itself, there is nothing to prove.

    Raises:
        InvalidInput: the old tree is larger than the new one.
    """
    if not 0 <= old_size <= len(leaf_hashes):
        problem = f"{old_size} is no earlier size of a tree of {len(leaf_hashes)}"
        raise InvalidInput("old_size", problem, "give an earlier size")
    if old_size in {0, len(leaf_hashes)}:
        return ()
    path: list[bytes] = []
    low, high = 0, len(leaf_hashes)
    while high > old_size:
        middle = low + _split(high - low)
        if old_size <= middle:
            path.append(_root(leaf_hashes[middle:high]))
            high = middle
        else:
            path.append(_root(leaf_hashes[low:middle]))
            low = middle
    if low:
        # The verifier knows the old root, but this part of it only when it is the whole.
        path.append(_root(leaf_hashes[low:high]))
    return tuple(reversed(path))


def check_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Whether `proof` shows that the tree with `new_root` only adds to the one with `old_root`."""
    if not 0 <= old_size <= new_size or not _are_hashes([old_root, new_root, *proof]):
        return False
    if old_size == 0:
        # Everything follows from nothing, but nothing has only one root.
        known_new = new_size > 0 or new_root == old_root
        return not proof and old_root == Frontier().root() and known_new
    if old_size == new_size:
        return not proof and old_root == new_root
    # A perfect old tree is a node of the new one, and its root is where the proof begins.
    whole = old_size & (old_size - 1) == 0
    if not whole and not proof:
        return False
    first, *rest = [old_root, *proof] if whole else proof
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_hash = new_hash = first
    for sibling in rest:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_hash, new_hash = node_hash(sibling, old_hash), node_hash(sibling, new_hash)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new_hash = node_hash(new_hash, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old_hash == old_root and new_hash == new_root


def _split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _root(leaf_hashes: Sequence[bytes]) -> bytes:
    return Frontier().extend(leaf_hashes).root()


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
