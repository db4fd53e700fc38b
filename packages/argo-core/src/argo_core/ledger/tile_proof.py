"""Proofs made from a log's tiles instead of all its leaves: a few hashes are read, not a million.

A hash that a proof needs is the root of a range of leaves; each range is made of perfect subtrees,
and each of these is found in, or hashed from, one tile. `Hashes` reads the hashes of one level.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TypeAlias

from argo_core.errors import InvalidInput
from argo_core.ledger.merkle import HASH_BYTES, TILE_HEIGHT, Frontier, fold_row, node_hash
from argo_core.ledger.proof import Proof
from argo_core.ledger.tile import WIDTH, whole_row

Hashes: TypeAlias = Callable[[int, int, int], Awaitable[bytes]]
"""Of a tile level, the hashes from a start to a stop, 32 bytes each, one after the other."""

Span: TypeAlias = tuple[int, int]

Row: TypeAlias = Callable[[int, int, int], bytes]
"""The same of tiles that were read before."""


def inclusion_spans(index: int, size: int) -> tuple[Span, ...]:
    """The ranges of leaves whose roots prove the leaf at `index`, from its sibling up.

    Raises:
        InvalidInput: there is no such leaf.
    """
    if not 0 <= index < size:
        raise InvalidInput("index", f"{index} is not in a tree of {size}", "give a leaf's index")
    spans: list[Span] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    return tuple(reversed(spans))


def consistency_spans(old_size: int, size: int) -> tuple[Span, ...]:
    """The ranges of leaves whose roots prove that `old_size` leaves begin a tree of `size`.

    Raises:
        InvalidInput: the old tree is larger.
    """
    if not 0 <= old_size <= size:
        problem = f"{old_size} is no earlier size of a tree of {size}"
        raise InvalidInput("old_size", problem, "give an earlier size")
    if old_size in {0, size}:
        return ()
    spans: list[Span] = []
    low, high = 0, size
    while high > old_size:
        middle = low + _split(high - low)
        if old_size <= middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    if low:
        spans.append((low, high))
    return tuple(reversed(spans))


async def prove_spans(spans: tuple[Span, ...], hashes: Hashes) -> Proof:
    """The roots of those ranges."""
    row = await _read(spans, hashes)
    return tuple([_root(low, high, row) for low, high in spans])


async def prove_inclusion_from(hashes: Hashes, index: int, size: int) -> Proof:
    """That the entry at `index` is in the log's first `size`; as `prove_inclusion` says it.

    Raises:
        InvalidInput: there is no such entry.
    """
    return await prove_spans(inclusion_spans(index, size), hashes)


async def prove_consistency_from(hashes: Hashes, old_size: int, size: int) -> Proof:
    """That the log's first `size` entries begin with its first `old_size`.

    Raises:
        InvalidInput: the old log is larger.
    """
    return await prove_spans(consistency_spans(old_size, size), hashes)


async def root_from(hashes: Hashes, size: int) -> bytes:
    """The root over the log's first `size` entries."""
    return (await frontier_from(hashes, size)).root()


async def frontier_from(hashes: Hashes, size: int) -> Frontier:
    """The frontier of the log's first `size` entries."""
    row = await _read(((0, size),), hashes)
    return Frontier(size, tuple([_perfect(*span, row) for span in _perfect_spans(0, size)]))


async def _read(spans: Iterable[Span], hashes: Hashes) -> Row:
    """The tiles that those ranges are made of, each whole and once, all asked for together.

    A proof in a log of a million entries takes half a dozen of them, and one wait.
    """
    perfect = [one for span in spans for one in _perfect_spans(*span)]
    wanted = list(
        dict.fromkeys((level, start // WIDTH) for level, start, _ in map(_row_of, perfect))
    )
    asked = [hashes(level, tile * WIDTH, (tile + 1) * WIDTH) for level, tile in wanted]
    tiles = dict(zip(wanted, await gather(*asked), strict=True))

    def row(level: int, start: int, stop: int) -> bytes:
        first = start // WIDTH * WIDTH
        return tiles[level, start // WIDTH][
            (start - first) * HASH_BYTES : (stop - first) * HASH_BYTES
        ]

    return row


def _root(low: int, high: int, row: Row) -> bytes:
    *larger, root = [_perfect(*span, row) for span in _perfect_spans(low, high)]
    for peak in reversed(larger):
        root = node_hash(peak, root)
    return root


def _perfect(low: int, high: int, row: Row) -> bytes:
    """The root of a perfect subtree."""
    level, start, stop = _row_of((low, high))
    return fold_row(whole_row(row(level, start, stop), stop - start))


def _row_of(span: Span) -> tuple[int, int, int]:
    """The highest tile level that still has the parts of a perfect subtree, and which they are.

    They lie in one tile, because a subtree begins at a multiple of its own width.
    """
    low, high = span
    level = ((high - low).bit_length() - 1) // TILE_HEIGHT
    return level, low >> (TILE_HEIGHT * level), high >> (TILE_HEIGHT * level)


def _perfect_spans(low: int, high: int) -> Iterator[Span]:
    """A range that begins on a subtree's border, as perfect subtrees, largest first."""
    while low < high:
        width = 1 << ((high - low).bit_length() - 1)
        yield low, low + width
        low += width


def _split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)
