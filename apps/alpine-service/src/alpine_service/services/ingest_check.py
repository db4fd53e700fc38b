"""What is asked of a checkpoint and of entries before anything of them is believed."""

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.growing import Grown, grow
from alpine_service.domain.feed.policy import Policy, Witnessed, read_witnessed
from alpine_service.domain.feed.tile import WIDTH, tile_of
from alpine_service.domain.feed.tree import Frontier, leaf_hash
from alpine_service.domain.feed.verifier_key import Verify
from alpine_service.domain.signals.rejection import (
    CHECKPOINT,
    ENTRY,
    KEPT_CHECKPOINT,
    WITNESSED_CHECKPOINT,
    Rejected,
    Rejection,
)
from alpine_service.errors import Malformed, Refuted
from alpine_service.ports.feed import Feed, FeedHead, WitnessHead
from alpine_service.ports.outside import Clock
from alpine_service.services.ingest_chunk import Chunk
from alpine_service.services.ingest_tiles import LogTiles


@frozen
class Waypoint:
    """A head that the log is held to, by a note that it signed; `name` is its name as evidence."""

    head: Head
    note: bytes = field(repr=False)
    name: str


@frozen
class Proved:
    """Where the tree stands after entries that the checkpoint's root proves."""

    frontier: Frontier = field(repr=False)
    grown: Grown = field(repr=False)


def waypoints(head: FeedHead, witness: WitnessHead | None) -> list[Waypoint]:
    """What the log is held to: the newest checkpoint, and what our own witness cosigned."""
    held = [Waypoint(head.promised, head.note, KEPT_CHECKPOINT)] if head.note else []
    if witness is not None:
        held.append(Waypoint(witness.head, witness.note, WITNESSED_CHECKPOINT))
    return held


def read_served(served: bytes, policy: Policy, verify: Verify) -> Witnessed:
    """The log's checkpoint in what was served.

    Raises:
        Rejected: it is none, or not the log's.
    """
    try:
        return read_witnessed(served, policy, verify)
    except (Malformed, Refuted) as error:
        raise Rejected(Rejection(error.reason, str(error), {CHECKPOINT: served})) from error


def fork(served: Witnessed, held: Waypoint, **tiles: bytes) -> Rejected:
    """Two checkpoints by the log's key of which no tree can be both."""
    return Rejected(
        Rejection(
            "fork",
            f"the log signed another history than it did for {held.head.size} entries",
            {CHECKPOINT: served.checkpoint.data, held.name: held.note, **tiles},
            size=served.head.size,
            halts=True,
        )
    )


def require_same_root(served: Witnessed, held: Sequence[Waypoint]) -> None:
    """Refuse a checkpoint that has a size of which the log signed another root.

    Raises:
        Rejected: it has.
    """
    for one in held:
        if one.head.size == served.head.size and one.head.root != served.head.root:
            raise fork(served, one)


class Prover:
    """Proves entries under a checkpoint's root, and finds out what is wrong where they are not."""

    def __init__(
        self, feed: Feed, clock: Clock, served: Witnessed, held: Sequence[Waypoint]
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._served = served
        self._held = held
        self._tiles = LogTiles(feed, served.head)

    async def prove(self, head: FeedHead, chunk: Chunk) -> Proved:
        """Where the tree stands after the chunk's entries.

        Raises:
            Rejected: the checkpoint's root is not over these entries, or the log is held to
                another beginning.
        """
        folded = await self._fold(head.frontier, chunk)
        try:
            await self._require_root(folded.frontier)
        except (Malformed, Refuted) as error:
            raise await self._explain(chunk, error) from error
        for one in self._held:
            if folded.roots.get(one.head.size, one.head.root) != one.head.root:
                raise fork(self._served, one)
        # The newest checkpoint may lie beyond these entries while a long way is caught up.
        for one in self._held:
            if one.name == KEPT_CHECKPOINT and folded.frontier.size < one.head.size:
                await self._require_extends(one)
        return Proved(folded.frontier, grow(head.tiles, head.size, folded.leaves))

    async def _fold(self, frontier: Frontier, chunk: Chunk) -> "_Folded":
        stops = {one.head.size for one in self._held}
        roots: dict[int, bytes] = {}
        whole: list[bytes] = []
        for entries in chunk.bundles:
            leaves = [leaf_hash(data) for data in entries]
            start, end = frontier.size, frontier.size + len(leaves)
            for stop in sorted(size for size in stops if start < size <= end):
                frontier = frontier.extended(leaves[frontier.size - start : stop - start])
                roots[stop] = frontier.root()
            frontier = frontier.extended(leaves[frontier.size - start :])
            whole += leaves
            # Others have their turn between two bundles.
            await self._clock.sleep(0)
        return _Folded(frontier, whole, roots)

    async def _require_root(self, frontier: Frontier) -> None:
        if frontier.size < self._served.head.size:
            await self._tiles.check_extends(frontier.size, frontier.root())
        elif frontier.root() != self._served.head.root:
            raise Refuted("wrong-root", "the checkpoint's root is not over the entries")

    async def _require_extends(self, held: Waypoint) -> None:
        try:
            await self._tiles.check_extends(held.head.size, held.head.root)
        except (Malformed, Refuted) as error:
            if await self._is_forked(held):
                raise fork(self._served, held, **self._tiles.served) from error
            raise self._rejected(error, self._tiles.served) from error

    async def _explain(self, chunk: Chunk, error: Malformed | Refuted) -> Rejected:
        """What is refused, with the best evidence that is to be had.

        It is a fork if the log's own tiles prove that its root has another beginning than one that
        it signed; otherwise an entry, if the tiles know it by another hash; otherwise the tiles.
        """
        for one in self._held:
            if one.head.size <= self._served.head.size and await self._is_forked(one):
                return fork(self._served, one, **self._tiles.served)
        altered = await self._altered(chunk)
        return altered or self._rejected(error, self._tiles.served)

    async def _is_forked(self, held: Waypoint) -> bool:
        try:
            return await self._tiles.proves_another(held.head.size, held.head.root)
        except Malformed:
            return False

    async def _altered(self, chunk: Chunk) -> Rejected | None:
        """The first entry that the log's tiles know by another hash."""
        index = chunk.start
        for entries in chunk.bundles:
            tile = tile_of(self._served.head.size, 0, index // WIDTH)
            try:
                hashes = (await self._tiles.hashes([tile]))[tile]
            except Malformed as error:
                return self._rejected(error, self._tiles.served)
            for data in entries:
                if leaf_hash(data) != hashes[index % WIDTH]:
                    problem = f"entry {index} has another hash than its tile says"
                    evidence = {ENTRY: data, tile.path: self._tiles.served[tile.path]}
                    return self._rejected(Refuted("wrong-root", problem), evidence, index)
                index += 1
        return None

    def _rejected(
        self,
        error: Malformed | Refuted,
        evidence: Mapping[str, bytes],
        log_index: int | None = None,
    ) -> Rejected:
        notes = {CHECKPOINT: self._served.checkpoint.data}
        notes |= {one.name: one.note for one in self._held}
        return Rejected(
            Rejection(
                error.reason,
                str(error),
                {**notes, **evidence},
                size=self._served.head.size,
                log_index=log_index,
                identity=evidence.get(ENTRY),
            )
        )


@frozen
class _Folded:
    """The frontier after a chunk, its leaf hashes, and the roots at sizes we hold the log to."""

    frontier: Frontier
    leaves: list[bytes]
    roots: dict[int, bytes]
