"""A log as its store has it, read as if it were served: nothing in it is believed either."""

import asyncio

from attrs import field, frozen

from argo_core.errors import LogError, Refuted, Unchecked
from argo_core.ledger.tile import join_entries, parse_tile_path
from argo_service.parts import Readable


@frozen
class LogShelf:
    """The parts of `log`, under its newest checkpoint, or its newest that somebody cosigned."""

    name: str
    log: Readable
    cosigned: bool = False
    # A store answers one question at a time.
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    async def read(self, path: str, max_bytes: int) -> bytes | None:
        async with self._turn:
            try:
                return await self._read(path)
            except LogError as error:
                raise Unchecked(str(error)) from error
            except (TypeError, AttributeError) as error:
                # A flipped bit can also change the type that a store reads.
                raise Refuted(f"{self.name}, {path}: something in it is not bytes") from error

    async def _read(self, path: str) -> bytes | None:
        if path == "checkpoint":
            note = await self.log.checkpoint(cosigned=self.cosigned)
            return None if note is None else note.encode()
        tile = parse_tile_path(path)
        if tile.level is not None:
            return await self.log.hashes(tile.level, tile.start, tile.stop) or None
        found = await self.log.entries(tile.start, tile.stop)
        return join_entries([one.data for one in found]) or None
