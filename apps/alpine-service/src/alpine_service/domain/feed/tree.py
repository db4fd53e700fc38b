"""The Merkle tree of RFC 6962, section 2.1: hashes, roots and checks of proofs."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from attrs import frozen

from alpine_service.errors import Refuted

HASH_BYTES = 32

EMPTY_ROOT = sha256().digest()
"""The root over no leaves."""


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


@frozen
class Frontier:
    """All that must be known of a tree to go on building it: one hash a bit of its size.

    `hashes` are the roots of the complete subtrees that the tree is made of, largest first. They
    are also the whole state: kept beside a cursor, they make re-reading the log unnecessary.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def extended(self, leaves: Iterable[bytes]) -> "Frontier":
        """The frontier after some more leaf hashes."""
        size, hashes = self.size, list(self.hashes)
        for leaf in leaves:
            node = leaf
            # Every trailing 1 of the size is a complete subtree as large as what stands before it.
            rest = size
            while rest & 1:
                node = sha256(b"\1" + hashes.pop() + node).digest()
                rest >>= 1
            hashes.append(node)
            size += 1
        return Frontier(size, tuple(hashes))

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf hash is at an index of a tree, after RFC 9162, section 2.1.3.2.

    Raises:
        Refuted: the proof does not lead from the leaf to the root.
    """
    if not 0 <= index < size:
        raise Refuted("bad-inclusion", f"a tree of {size} entries has none at {index}")
    _require_hashes(leaf, root, *proof, reason="bad-inclusion")
    node, last, reached = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Refuted("bad-inclusion", "the proof has a hash too many")
        if node & 1 or node == last:
            reached = node_hash(sibling, reached)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise Refuted("bad-inclusion", "the proof has a hash too few")
    if reached != root:
        raise Refuted("bad-inclusion", "the proof leads to another root")


def check_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that a tree is the beginning of another, after RFC 9162, section 2.1.4.2.

    Raises:
        Refuted: the proof does not show it.
    """
    if not 0 <= old_size <= size:
        raise Refuted("bad-consistency", f"{old_size} entries are not the beginning of {size}")
    _require_hashes(old_root, root, *proof, reason="bad-consistency")
    if old_size in (0, size):
        _check_trivial_consistency(old_size, old_root, size, root, proof)
        return
    # Whoever checks has the root of the old tree, so a proof that begins with it leaves it out.
    given = (old_root, *proof) if old_size & (old_size - 1) == 0 else tuple(proof)
    old, new = _fold_consistency(old_size, size, given)
    if old != old_root:
        raise Refuted("bad-consistency", "the proof does not begin at the old root")
    if new != root:
        raise Refuted("bad-consistency", "the proof leads to another root")


def _fold_consistency(old_size: int, size: int, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The roots of both trees, as a proof that is not left short has them."""
    if not proof:
        raise Refuted("bad-consistency", "the proof is empty")
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            raise Refuted("bad-consistency", "the proof has a hash too many")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise Refuted("bad-consistency", "the proof has a hash too few")
    return old, new


def _check_trivial_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    if proof:
        raise Refuted("bad-consistency", "there is nothing to prove, so there is no proof")
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise Refuted("bad-consistency", "no entries have one root only")
    if old_size == size and old_root != root:
        raise Refuted("bad-consistency", "one size has one root")


def _require_hashes(*hashes: bytes, reason: str) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise Refuted(reason, f"a hash has not {HASH_BYTES} bytes")
