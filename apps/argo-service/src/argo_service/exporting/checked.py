"""A log's tiles and bundles, each checked against one checkpoint before it is handed out.

The root is made of the hashes in the partial tiles, one a level; a full tile's own root is a hash
of the level above. So checking from the top down, every hash is checked before it vouches for
another, and the hashes of level 0 vouch for the entries.
"""

from attrs import frozen

from argo_core.errors import LogUnusable
from argo_core.ledger.checkpoint import Checkpoint
from argo_core.ledger.merkle import HASH_BYTES, Frontier, leaf_hash
from argo_core.ledger.tile import (
    MAX_LEVEL,
    WIDTH,
    Tile,
    hashes_at,
    join_entries,
    split_hashes,
    tile_at,
)
from argo_core.ledger.tile_proof import root_from
from argo_service.parts import Readable, read_entries, read_part


@frozen
class CheckedLog:
    """The first `head.size` entries of `log`; `rows` are the checked hashes above level 0."""

    log: Readable
    head: Checkpoint
    edge: bytes
    rows: tuple[bytes, ...]

    def tiles(self) -> tuple[Tile, ...]:
        """The tiles of level 0, in order; each has a bundle of the same index and width."""
        return _tiles(0, self.head.size)

    def above(self) -> tuple[tuple[Tile, bytes], ...]:
        """The tiles above level 0, and their bytes."""
        found = []
        for level, row in enumerate(self.rows, 1):
            for tile in _tiles(level, self.head.size):
                part = row[tile.start * HASH_BYTES : tile.stop * HASH_BYTES]
                found.append((tile, part))
        return tuple(found)

    async def tile(self, tile: Tile) -> bytes:
        """The bytes of a tile of level 0.

        Raises:
            LogUnusable: they do not belong to the checkpoint.
        """
        if tile.width < WIDTH:
            return self.edge
        data = await read_part(self.log, tile)
        _check_full(tile, data, self.rows[0])
        return data

    async def bundle(self, tile: Tile, hashes: bytes) -> bytes:
        """The bundle beside a tile of level 0 whose checked bytes are `hashes`.

        Raises:
            LogUnusable: an entry is not the one that was hashed.
        """
        entries = await read_entries(self.log, tile.start, tile.stop)
        if b"".join(map(leaf_hash, entries)) != hashes:
            raise LogUnusable(f"an entry from {tile.start} to {tile.stop} has another hash")
        return join_entries(entries)

    async def hashes(self, level: int, start: int, stop: int) -> bytes:
        """Hashes within one tile, for proofs."""
        if level:
            return self.rows[level - 1][start * HASH_BYTES : stop * HASH_BYTES]
        tile = tile_at(0, start, self.head.size)
        data = await self.tile(tile)
        return data[(start - tile.start) * HASH_BYTES : (stop - tile.start) * HASH_BYTES]


async def checked_log(log: Readable, head: Checkpoint) -> CheckedLog:
    """The log as that checkpoint has it, checked down to level 0, whose full tiles are left.

    Raises:
        LogUnusable: the log's hashes have another root.
    """
    rows = [await _row(log, level, head.size) for level in range(MAX_LEVEL + 1)]
    edges = dict(enumerate(rows))

    async def hashes(level: int, start: int, stop: int) -> bytes:
        first = 0 if level else hashes_at(0, head.size) // WIDTH * WIDTH
        return edges[level][(start - first) * HASH_BYTES : (stop - first) * HASH_BYTES]

    if await root_from(hashes, head.size) != head.root:
        raise LogUnusable(f"the tiles of {head.size} entries have another root")
    for level in range(1, MAX_LEVEL):
        for tile in _tiles(level, head.size):
            if tile.width == WIDTH:
                part = rows[level][tile.start * HASH_BYTES : tile.stop * HASH_BYTES]
                _check_full(tile, part, rows[level + 1])
    edge, *above = rows
    return CheckedLog(log, head, edge, tuple(above))


async def _row(log: Readable, level: int, size: int) -> bytes:
    """All hashes of a level above 0; of level 0, which is long, those in its partial tile."""
    tiles = _tiles(level, size)
    if level == 0:
        tiles = tuple(tile for tile in tiles if tile.width < WIDTH)
    return b"".join([await read_part(log, tile) for tile in tiles])


def _tiles(level: int, size: int) -> tuple[Tile, ...]:
    return tuple(tile_at(level, place, size) for place in range(0, hashes_at(level, size), WIDTH))


def _check_full(tile: Tile, data: bytes, above: bytes) -> None:
    vouched = above[tile.index * HASH_BYTES : (tile.index + 1) * HASH_BYTES]
    if Frontier().extend(split_hashes(data, WIDTH)).root() != vouched:
        raise LogUnusable(f"{tile.path} has another root than the tile above it says")
