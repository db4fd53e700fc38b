"""Tiles that grow with the tree: what of them is new after some more leaves."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from attrs import field, frozen

from alpine_service.domain.feed.tile import LARGEST_TILE, LEVELS, WIDTH
from alpine_service.domain.feed.tree import HASH_BYTES

NO_EDGE = (b"",) * LEVELS
"""The edge of an empty tree."""

_BITS = WIDTH.bit_length() - 1


@frozen
class Grown:
    """The last tile of each level, lowest first, empty where all are full; and what changed.

    `changed` has whole tiles by level and number, the last of a level as far as it is filled.
    """

    edge: tuple[bytes, ...] = field(repr=False)
    changed: Mapping[tuple[int, int], bytes] = field(repr=False)


def grow(edge: Sequence[bytes], size: int, leaves: Sequence[bytes]) -> Grown:
    """The tiles after some more leaf hashes, given the last ones of a tree of `size` leaves."""
    changed: dict[tuple[int, int], bytes] = {}
    ends: list[bytes] = []
    added: Sequence[bytes] = leaves
    for level in range(LEVELS):
        number = size >> _BITS * (level + 1)
        row = edge[level] + b"".join(added)
        full = len(row) - len(row) % LARGEST_TILE
        above = []
        for at in range(0, full, LARGEST_TILE):
            tile = row[at : at + LARGEST_TILE]
            changed[level, number] = tile
            above.append(_root(tile))
            number += 1
        ends.append(row[full:])
        if added and ends[-1]:
            changed[level, number] = ends[-1]
        added = above
    return Grown(tuple(ends), changed)


def _root(tile: bytes) -> bytes:
    """The root over the hashes of a full tile."""
    row = tile
    pair = 2 * HASH_BYTES
    while len(row) > HASH_BYTES:
        row = b"".join(
            sha256(b"\1" + row[at : at + pair]).digest() for at in range(0, len(row), pair)
        )
    return row
