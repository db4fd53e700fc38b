"""Where the parts of a log lie: C2SP tlog-tiles paths, and the bytes of tiles and bundles.

A tile of level L holds the hashes of 256 subtrees of 256^L entries each, 32 bytes a hash; the last
tile of a level may be partial. A bundle holds 256 entries, each behind its length in two bytes.
"""

import re
from collections.abc import Sequence

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import MAX_BYTES
from argo_core.ledger.merkle import HASH_BYTES, TILE_HEIGHT

WIDTH = 1 << TILE_HEIGHT
MAX_LEVEL = 5
"""Tile levels above it would need more than 2^48 entries."""

_GROUP = 1_000
_PATH = re.compile(
    r"tile/(?P<level>[0-5]|entries)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)
_LENGTH_BYTES = 2


@frozen
class Tile:
    """One tile of hashes, or one bundle of entries where `level` is None; `width` 256 is full."""

    level: int | None
    index: int
    width: int = WIDTH

    def __attrs_post_init__(self) -> None:
        if self.level is not None and not 0 <= self.level <= MAX_LEVEL:
            raise InvalidInput("level", f"{self.level} is out of range", f"give 0 to {MAX_LEVEL}")
        if self.index < 0:
            raise InvalidInput("index", f"{self.index} is negative", "give 0 or more")
        if not 1 <= self.width <= WIDTH:
            raise InvalidInput("width", f"{self.width} is out of range", f"give 1 to {WIDTH}")

    @property
    def path(self) -> str:
        """Its path below the log's prefix, such as `tile/0/x001/234.p/17`."""
        level = "entries" if self.level is None else str(self.level)
        rest, last = divmod(self.index, _GROUP)
        name = f"{last:03}"
        while rest:
            rest, group = divmod(rest, _GROUP)
            name = f"x{group:03}/{name}"
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{name}{part}"

    @property
    def start(self) -> int:
        """The place of its first hash or entry among those of its level."""
        return self.index * WIDTH

    @property
    def stop(self) -> int:
        """The place after its last hash or entry among those of its level."""
        return self.start + self.width


def parse_tile_path(path: str) -> Tile:
    """The tile at a path.

    Raises:
        InvalidInput: there is no tile of that path, or it has a shorter one.
    """
    found = _PATH.fullmatch(path)
    if found:
        level, width = found["level"], int(found["width"] or WIDTH)
        index = int(found["index"].replace("/", "").replace("x", ""))
        if found["width"] is None or width < WIDTH:
            tile = Tile(None if level == "entries" else int(level), index, width)
            if tile.path == path:
                return tile
    problem = f"{path[:80]!r} is no tile's path"
    raise InvalidInput("path", problem, "write it like tile/0/x001/234 or tile/entries/007.p/17")


def hashes_at(level: int, size: int) -> int:
    """How many hashes the tiles of a level hold in a log of `size` entries."""
    return size >> (TILE_HEIGHT * level)


def tile_at(level: int | None, place: int, size: int) -> Tile:
    """The tile that holds a hash or an entry, as wide as it is in a log of `size` entries.

    Raises:
        InvalidInput: the log has no such hash or entry.
    """
    count = hashes_at(level or 0, size)
    if not 0 <= place < count:
        problem = f"{place} is not among {count}"
        raise InvalidInput("index", problem, "give a place that the log has")
    index = place // WIDTH
    return Tile(level, index, min(WIDTH, count - index * WIDTH))


def is_within(tile: Tile, size: int) -> bool:
    """Whether a log of `size` entries has that tile; a full log keeps its partial tiles too."""
    return tile.stop <= hashes_at(tile.level or 0, size)


def tiles_of(size: int) -> tuple[Tile, ...]:
    """Every tile and bundle of a log of `size` entries, the last of each level as wide as it is."""
    found: list[Tile] = []
    for level in (None, *range(MAX_LEVEL + 1)):
        count = hashes_at(level or 0, size)
        found += [tile_at(level, place, size) for place in range(0, count, WIDTH)]
    return tuple(found)


def whole_row(data: bytes, width: int) -> bytes:
    """A tile's bytes, unchanged.

    Raises:
        InvalidInput: they are more or fewer than `width` hashes.
    """
    if len(data) != width * HASH_BYTES:
        problem = f"it has {len(data)} bytes"
        raise InvalidInput("tile", problem, f"a tile {width} wide has {width * HASH_BYTES}")
    return data


def split_hashes(data: bytes, width: int) -> tuple[bytes, ...]:
    """The hashes in a tile's bytes.

    Raises:
        InvalidInput: it has more or fewer than `width`.
    """
    row = whole_row(data, width)
    return tuple(row[at : at + HASH_BYTES] for at in range(0, len(row), HASH_BYTES))


def join_entries(entries: Sequence[bytes]) -> bytes:
    """The bytes of a bundle.

    Raises:
        InvalidInput: an entry is too long to say its length.
    """
    if any(len(one) > MAX_BYTES for one in entries):
        raise InvalidInput("entry", "it is too long for a bundle", f"keep it within {MAX_BYTES}")
    return b"".join(len(one).to_bytes(_LENGTH_BYTES, "big") + one for one in entries)


def split_entries(data: bytes, width: int) -> tuple[bytes, ...]:
    """The entries in a bundle's bytes.

    Raises:
        InvalidInput: it is cut off, has more or fewer than `width`, or bytes left over.
    """
    entries: list[bytes] = []
    at = 0
    for _ in range(width):
        begin = at + _LENGTH_BYTES
        at = begin + int.from_bytes(data[at:begin], "big")
        if at > len(data):
            problem = f"it ends within entry {len(entries)} of {width}"
            raise InvalidInput("bundle", problem, "send it whole")
        entries.append(data[begin:at])
    if at < len(data):
        problem = f"{len(data) - at} bytes are left over after {width} entries"
        raise InvalidInput("bundle", problem, "send no more than it holds")
    return tuple(entries)
