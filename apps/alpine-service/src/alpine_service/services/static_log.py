"""The log as static files that anybody can serve again: each is checked before it is given."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from attrs import frozen

from alpine_service.domain.feed.checkpoint import Checkpoint, read_checkpoint, require_signed
from alpine_service.domain.feed.entry import read_entry
from alpine_service.domain.feed.growing import NO_EDGE, grow
from alpine_service.domain.feed.tile import Bundle, Tile, bundles_of, tiles_of, write_bundle
from alpine_service.domain.feed.tree import HASH_BYTES, Frontier, leaf_hash
from alpine_service.domain.feed.verifier_key import VerifierKey, Verify
from alpine_service.errors import NotThere, Refuted
from alpine_service.ports.feed import FeedStore
from alpine_service.services.proofs import cosigned_note

CHECKPOINT = "checkpoint"

EntriesBetween = Callable[[int, int], Awaitable[Sequence[bytes]]]
"""The stored entries from an index on and before another."""


@frozen
class StaticLog:
    """What is stored of the log with that key, as files of the protocol."""

    store: FeedStore
    entries: EntriesBetween
    key: VerifierKey
    verify: Verify

    async def files(self) -> AsyncIterator[tuple[str, bytes]]:
        """Path and bytes of each; the checkpoint is the last, when all before it are its own.

        Raises:
            NotThere: nothing is stored yet.
            Malformed, Refuted: what is stored is not what the log signed.
        """
        stored = await self.store.checkpoint()
        if stored is None:
            raise NotThere("checkpoint: nothing was verified yet")
        checkpoint = read_checkpoint(stored.note)
        require_signed(checkpoint, self.key, self.verify)
        frontier, edge = Frontier(), NO_EDGE
        tiles = {(tile.level, tile.index): tile for tile in tiles_of(checkpoint.head.size)}
        for bundle in bundles_of(checkpoint.head.size):
            entries = await self._entries(bundle, checkpoint)
            leaves = [leaf_hash(data) for data in entries]
            grown = grow(edge, frontier.size, leaves)
            frontier, edge = frontier.extended(leaves), grown.edge
            yield bundle.path, write_bundle(entries)
            for place, hashes in grown.changed.items():
                tile = tiles.get(place)
                # Above the lowest level the last tile may still grow, and comes when it has.
                if tile is not None and len(hashes) == tile.width * HASH_BYTES:
                    await self._compare(tile, hashes)
                    yield tile.path, hashes
        if frontier.root() != checkpoint.head.root:
            raise Refuted("bad-root", "the stored entries are not those of the checkpoint")
        yield CHECKPOINT, await cosigned_note(self.store, stored)

    async def _entries(self, bundle: Bundle, checkpoint: Checkpoint) -> Sequence[bytes]:
        entries = await self.entries(bundle.first, bundle.first + bundle.width)
        if len(entries) != bundle.width:
            raise Refuted("missing", f"entries of {bundle.path} are missing; restore a copy")
        for at, data in enumerate(entries, bundle.first):
            if read_entry(at, data).log != checkpoint.head.origin:
                raise Refuted("another-log", f"the entry at {at} bears another log's name")
        return entries

    async def _compare(self, tile: Tile, hashes: bytes) -> None:
        stored = await self.store.tiles([tile])
        if stored[tile] != hashes:
            raise Refuted("bad-tile", f"the stored {tile.path} is not that of the entries")
