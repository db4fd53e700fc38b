"""Proofs out of tiles: say which tiles are needed, get them all at once, fold their hashes."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import field, frozen

from alpine_service.domain.feed.tile import LARGEST_LOG, LEVELS, WIDTH, Tile, tile_of
from alpine_service.domain.feed.tree import Frontier, node_hash
from alpine_service.errors import Malformed

# A tile has eight levels of the tree.
_STEP = 8


@frozen
class _Subtree:
    """A complete subtree: the root over 2^`height` leaves, folded from a part of a tile."""

    tile: Tile
    start: int
    count: int

    def fold(self, hashes: Sequence[bytes]) -> bytes:
        part = list(hashes[self.start : self.start + self.count])
        while len(part) > 1:
            part = [node_hash(*pair) for pair in zip(part[::2], part[1::2], strict=True)]
        return part[0]


@frozen
class Plan:
    """Which tiles a proof is made of, and how."""

    tiles: tuple[Tile, ...]
    """What to fetch, each once."""

    _spans: tuple[tuple[_Subtree, ...], ...] = field(repr=False)

    def fold(self, hashes: Mapping[Tile, Sequence[bytes]]) -> tuple[bytes, ...]:
        """The hashes of the proof, from those of the tiles."""
        return tuple(
            Frontier(0, tuple(one.fold(hashes[one.tile]) for one in span)).root()
            for span in self._spans
        )


def plan_inclusion(index: int, size: int) -> Plan:
    """The proof that an entry is at an index of a tree of `size` entries.

    Raises:
        Malformed: it has no entry there, or more than tiles can hold.
    """
    if not 0 <= index < size <= LARGEST_LOG:
        raise Malformed("no-such-entry", f"a log of {size} entries proves none at {index}")
    return _plan(size, list(_siblings(index, 0, size)))


def plan_consistency(old_size: int, size: int) -> Plan:
    """The proof that a tree of `old_size` entries is the beginning of one of `size` entries.

    Raises:
        Malformed: the old one is larger, or there are more entries than tiles can hold.
    """
    if not 0 <= old_size <= size <= LARGEST_LOG:
        raise Malformed("no-such-size", f"{old_size} entries are not the beginning of {size}")
    spans = list(_between(old_size, size)) if 0 < old_size < size else []
    return _plan(size, spans)


def plan_frontier(size: int) -> Plan:
    """The hashes of the frontier of a tree of `size` entries.

    Raises:
        Malformed: there are more entries than tiles can hold.
    """
    if not 0 <= size <= LARGEST_LOG:
        raise Malformed("no-such-size", f"tiles do not hold {size} entries")
    return _plan(size, list(_complete(0, size)))


def _siblings(index: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of leaves that the hashes of an inclusion proof are over, RFC 6962, 2.1.1."""
    if end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            yield from _siblings(index, start, middle)
            yield middle, end
        else:
            yield from _siblings(index, middle, end)
            yield start, middle


def _between(old: int, size: int) -> Iterator[tuple[int, int]]:
    """The spans of leaves that the hashes of a consistency proof are over, RFC 6962, 2.1.2."""
    start, end, after = 0, size, []
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            after.append((middle, end))
            end = middle
        else:
            after.append((start, middle))
            start = middle
    # Where the old tree is a node of the new one, whoever checks has its root already.
    if start:
        yield start, end
    yield from reversed(after)


def _split(count: int) -> int:
    """The largest power of two below a count above 1."""
    return 1 << ((count - 1).bit_length() - 1)


def _complete(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees that a span is made of, largest first."""
    while start < end:
        count = 1 << ((end - start).bit_length() - 1)
        yield start, start + count
        start += count


def _plan(size: int, spans: Sequence[tuple[int, int]]) -> Plan:
    subtrees = tuple(
        tuple(_subtree(size, *complete) for complete in _complete(*span)) for span in spans
    )
    tiles = dict.fromkeys(one.tile for span in subtrees for one in span)
    return Plan(tuple(tiles), subtrees)


def _subtree(size: int, start: int, end: int) -> _Subtree:
    height = (end - start).bit_length() - 1
    level = min(height // _STEP, LEVELS - 1)
    index, offset = divmod(start >> _STEP * level, WIDTH)
    return _Subtree(tile_of(size, level, index), offset, 1 << height - _STEP * level)
