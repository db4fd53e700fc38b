"""The parts of a log as readers fetch them: bundles, tiles and proof files, whole or refused."""

import json
from collections import OrderedDict
from typing import Protocol

from argo_core.errors import LogUnusable
from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.merkle import HASH_BYTES
from argo_core.ledger.note import Note
from argo_core.ledger.proof import check_inclusion
from argo_core.ledger.proof_file import ProofFile
from argo_core.ledger.record import LoggedEntry
from argo_core.ledger.tile import MAX_LEVEL, Tile, join_entries, tile_at
from argo_core.ledger.tile_proof import Hashes, prove_inclusion_from

# Of each level the tile that a leaf lies under and the last one, and as many again.
_KEPT_TILES = 4 * (MAX_LEVEL + 1)


class Entries(Protocol):
    """Where a log's entries come from."""

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        """As `SignalLog.entries`."""
        ...


class Readable(Entries, Protocol):
    """What of a `SignalLog` it takes to show its record."""

    async def hashes(self, level: int, start: int, stop: int) -> bytes: ...

    async def checkpoint(self, *, cosigned: bool = False) -> Note | None: ...


def kind_of(data: bytes) -> str:
    """The kind of an entry that a log has taken, and so has checked."""
    return str(json.loads(data)["kind"])


async def read_part(log: Readable, part: Tile) -> bytes:
    """The bytes of a tile or a bundle that the log has.

    Raises:
        LogUnusable: the log has it in part only.
    """
    if part.level is None:
        return join_entries(await read_entries(log, part.start, part.stop))
    hashes = await log.hashes(part.level, part.start, part.stop)
    if len(hashes) != part.width * HASH_BYTES:
        raise LogUnusable(f"{part.path} is not whole")
    return hashes


async def read_entries(log: Entries, start: int, stop: int) -> tuple[bytes, ...]:
    """The bytes of the entries with start <= index < stop, at most 1,000, which the log has.

    Raises:
        LogUnusable: it does not have all of them.
    """
    found = await log.entries(start, stop)
    if [one.index for one in found] != list(range(start, stop)):
        raise LogUnusable(f"the entries from {start} to {stop} are not all there")
    return tuple(one.data for one in found)


class WholeTiles:
    """Hashes of a log's first `size` entries, read a whole tile at a time, the newest few kept.

    A proof needs many hashes from few tiles, and asking a store costs more than what it answers.
    """

    def __init__(self, hashes: Hashes, size: int) -> None:
        self._hashes = hashes
        self._size = size
        self._kept: OrderedDict[tuple[int, int], bytes] = OrderedDict()

    async def hashes(self, level: int, start: int, stop: int) -> bytes:
        """The hashes from `start` to `stop`, which are in one tile."""
        tile = tile_at(level, start, self._size)
        key = level, tile.index
        if key not in self._kept:
            self._kept[key] = await self._hashes(level, tile.start, tile.stop)
            if len(self._kept) > _KEPT_TILES:
                self._kept.popitem(last=False)
        row, before = self._kept[key], tile.start
        return row[(start - before) * HASH_BYTES : (stop - before) * HASH_BYTES]


async def prove(hashes: Hashes, note: Note, index: int) -> bytes:
    """The proof file of the entry at `index` against a checkpoint, checked before it is given.

    Raises:
        InvalidInput: the checkpoint does not cover the entry.
        LogUnusable: what is stored does not have the checkpoint's root.
    """
    head = parse_checkpoint(note.text)
    proof = await prove_inclusion_from(hashes, index, head.size)
    leaf = await hashes(0, index, index + 1)
    if not check_inclusion(leaf, index, head.size, proof, head.root):
        raise LogUnusable(f"the tiles do not prove entry {index} of {head.size}")
    return ProofFile(index, proof, note.encode()).encode()
