"""The log's own tiles, as material for proofs: nothing in them is believed until a root agrees."""

from collections.abc import Sequence

from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.proving import plan_consistency, plan_frontier
from alpine_service.domain.feed.tile import Tile, read_tile, tile_of
from alpine_service.domain.feed.tree import Frontier, check_consistency
from alpine_service.errors import Refuted
from alpine_service.ports.feed import Feed
from alpine_service.services.together import together

Hashes = dict[Tile, Sequence[bytes]]


class LogTiles:
    """Reads the tiles of a log of the size that a checkpoint says; `served` keeps the evidence."""

    def __init__(self, feed: Feed, head: Head) -> None:
        self._feed = feed
        self._head = head
        self.served: dict[str, bytes] = {}

    async def check_extends(self, size: int, root: bytes) -> None:
        """Check that a tree is the beginning of the checkpoint's.

        Raises:
            Malformed: a tile is none.
            Refuted: the tiles do not show it.
        """
        plan = plan_consistency(size, self._head.size)
        proof = plan.fold(await self.hashes(plan.tiles))
        check_consistency(size, root, self._head.size, self._head.root, proof)

    async def proves_another(self, size: int, root: bytes) -> bool:
        """Whether the checkpoint, by its own tiles, has another beginning of that size.

        True is a proof, because the tiles lead to the root that the log signed. False says nothing:
        whoever serves the tiles may have damaged them.

        Raises:
            Malformed: a tile is none.
        """
        plan = plan_frontier(size)
        claimed = Frontier(size, plan.fold(await self.hashes(plan.tiles))).root()
        try:
            await self.check_extends(size, claimed)
        except Refuted:
            return False
        return claimed != root

    async def hashes(self, tiles: Sequence[Tile]) -> Hashes:
        """The hashes of tiles, each as wide as was asked for."""
        rows = await together(self._row(tile) for tile in tiles)
        return dict(zip(tiles, rows, strict=True))

    async def _row(self, tile: Tile) -> Sequence[bytes]:
        # A log has its last tiles in one width only, that of its size now.
        there = tile_of(self._head.size, tile.level, tile.index)
        if there.path not in self.served:
            self.served[there.path] = await self._feed.tile(there)
        return read_tile(there, self.served[there.path])[: tile.width]
