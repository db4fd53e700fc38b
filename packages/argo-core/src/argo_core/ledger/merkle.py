"""The Merkle tree of RFC 6962, section 2.1: SHA-256 hashes, and a frontier that only grows."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TypeAlias

from attrs import frozen

from argo_core.errors import InvalidInput

HASH_BYTES = 32
EMPTY_ROOT = sha256().digest()
TILE_HEIGHT = 8
"""So many levels of the tree lie between one level of tiles and the next."""

TILE_WIDTH = 1 << TILE_HEIGHT

Rows: TypeAlias = Mapping[int, Sequence[bytes]]
"""By tile level from 1 on: roots of perfect subtrees of 256^level leaves, in order."""


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data). The prefix keeps a leaf from being passed off as a node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def fold_row(row: bytes) -> bytes:
    """The root of a perfect tree above this row of hashes, one after the other.

    Pairs are hashed as they lie, which takes half the time of taking them apart first.
    """
    while len(row) > HASH_BYTES:
        pairs = range(0, len(row), 2 * HASH_BYTES)
        row = b"".join([sha256(b"\x01" + row[at : at + 2 * HASH_BYTES]).digest() for at in pairs])
    return row


@frozen
class Frontier:
    """All that is needed of `size` leaves to append more and to know the root.

    `peaks` are the roots of the perfect subtrees that make up the tree, largest first: one for each
    1 in the binary form of `size`.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            problem = f"{len(self.peaks)} peaks do not make a tree of {self.size}"
            raise InvalidInput("peaks", problem, "give one for each 1 in the binary size")
        if any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise InvalidInput("peaks", "one is not a SHA-256", f"give {HASH_BYTES} bytes each")

    def extend(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """The frontier after these leaves, in amortised constant time each."""
        return self.grow(leaf_hashes)[0]

    def grow(self, leaf_hashes: Iterable[bytes]) -> "tuple[Frontier, Rows]":
        """The frontier after these leaves, and the hashes of the tiles above that they complete."""
        size, peaks, rows = self.size, list(self.peaks), dict[int, list[bytes]]()
        leaves, at = list(leaf_hashes), 0
        while at < len(leaves):
            hashed, height, width = leaves[at], 0, 1
            # A whole tile of leaves is hashed row by row, which takes a fifth less time.
            if size % TILE_WIDTH == 0 and len(leaves) - at >= TILE_WIDTH:
                hashed, height, width = (
                    fold_row(b"".join(leaves[at : at + TILE_WIDTH])),
                    TILE_HEIGHT,
                    TILE_WIDTH,
                )
                rows.setdefault(1, []).append(hashed)
            carry = size >> height
            # Appending is adding 1 in binary: each carry joins two perfect trees of one height.
            while carry & 1:
                hashed = node_hash(peaks.pop(), hashed)
                carry >>= 1
                height += 1
                if height % TILE_HEIGHT == 0:
                    rows.setdefault(height // TILE_HEIGHT, []).append(hashed)
            peaks.append(hashed)
            size, at = size + width, at + width
        return Frontier(size, tuple(peaks)), rows

    def root(self) -> bytes:
        """The tree's root; SHA-256 of nothing while it is empty."""
        if not self.peaks:
            return EMPTY_ROOT
        *larger, root = self.peaks
        for peak in reversed(larger):
            root = node_hash(peak, root)
        return root
