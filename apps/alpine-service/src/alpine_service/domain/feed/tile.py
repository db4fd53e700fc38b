"""The files the log is served as, after C2SP tlog-tiles: tiles of hashes, bundles of entries."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from attrs import frozen

from alpine_service.domain.feed.tree import HASH_BYTES
from alpine_service.errors import Malformed

WIDTH = 256
"""Hashes of a full tile, and entries of a full bundle."""

LEVELS = 6

LARGEST_LOG = WIDTH**LEVELS
"""Entries of which tiles of six levels have all complete subtrees."""

LARGEST_TILE = WIDTH * HASH_BYTES
LARGEST_BUNDLE = WIDTH * (2 + 65_535)
"""The bytes of the largest tile and bundle: more need not be read."""

_LENGTH_BYTES = 2
_GROUP = 1000
_PATH = re.compile(
    "tile/(?P<level>[0-5]|entries)/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@frozen(order=True)
class Tile:
    """Hashes of a level from number 256 · `index` on, the first `width` of them.

    Hash number i of level L is the root over the leaves from i · 256^L to (i + 1) · 256^L.
    """

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it is, below the log's address."""
        return f"tile/{self.level}/{_spelled(self.index, self.width)}"


@frozen(order=True)
class Bundle:
    """Entries from 256 · `index` on, the first `width` of them."""

    index: int
    width: int = WIDTH

    @property
    def first(self) -> int:
        """The index of its first entry."""
        return self.index * WIDTH

    @property
    def path(self) -> str:
        """Where it is, below the log's address."""
        return f"tile/entries/{_spelled(self.index, self.width)}"


def read_path(path: str) -> Tile | Bundle:
    """The tile or bundle that a path names.

    Raises:
        Malformed: no tile has this path.
    """
    found = _PATH.fullmatch(path)
    if found is None:
        raise Malformed("bad-path", "no tile has such a path")
    index = int(found["index"].replace("/", "").replace("x", ""))
    width = int(found["width"] or WIDTH)
    level = found["level"]
    named = Bundle(index, width) if level == "entries" else Tile(int(level), index, width)
    if named.path != path:
        raise Malformed("bad-path", "no tile has such a path")
    return named


def tiles_of(size: int) -> Iterator[Tile]:
    """All tiles of a log of a size, the partial ones included."""
    for level in range(LEVELS):
        yield from (Tile(level, *one) for one in _pieces(size >> 8 * level))


def bundles_of(size: int, *, start: int = 0) -> Iterator[Bundle]:
    """The bundles of a log of a size in which there are entries from index `start` on."""
    return (Bundle(*one) for one in _pieces(size, start // WIDTH))


def tile_of(size: int, level: int, index: int) -> Tile:
    """The widest form of a tile that a log of a size has.

    Raises:
        Malformed: the log is too short to have it.
    """
    width = min(WIDTH, (size >> 8 * level) - index * WIDTH)
    if width < 1:
        raise Malformed("no-such-tile", f"a log of {size} entries has no such tile")
    return Tile(level, index, width)


def read_tile(tile: Tile, data: bytes) -> tuple[bytes, ...]:
    """The hashes in a tile's bytes.

    Raises:
        Malformed: there are not exactly as many as its width says.
    """
    if len(data) != tile.width * HASH_BYTES:
        raise Malformed("bad-tile", f"{tile.path} has {len(data)} bytes")
    return tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))


def read_bundle(bundle: Bundle, data: bytes) -> tuple[bytes, ...]:
    """The entries in a bundle's bytes.

    Raises:
        Malformed: they are cut off, or not exactly as many as its width says.
    """
    entries, at = [], 0
    for _ in range(bundle.width):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(data[at:start])
        if start > len(data) or at > len(data):
            raise Malformed("bad-bundle", f"{bundle.path} is cut off")
        entries.append(data[start:at])
    if at != len(data):
        raise Malformed("bad-bundle", f"{bundle.path} has bytes left over")
    return tuple(entries)


def write_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as a bundle holds them, each behind its length."""
    pieces: Iterable[bytes] = chain.from_iterable(
        (len(entry).to_bytes(_LENGTH_BYTES), entry) for entry in entries
    )
    return b"".join(pieces)


def _pieces(count: int, start: int = 0) -> Iterator[tuple[int, int]]:
    full, rest = divmod(count, WIDTH)
    yield from ((index, WIDTH) for index in range(start, full))
    if rest and start <= full:
        yield full, rest


def _spelled(index: int, width: int) -> str:
    groups = [f"{index % _GROUP:03}"]
    while index := index // _GROUP:
        groups.insert(0, f"x{index % _GROUP:03}")
    partial = "" if width == WIDTH else f".p/{width}"
    return "/".join(groups) + partial
