"""Skill from a log without a service: its file, its database, or a folder it was exported to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from attrs import frozen

from argo_adapters.sqlite.spent import read_spent
from argo_core.errors import InvalidInput, LogUnavailable, LogUnusable, Unchecked
from argo_core.ledger.canonical import MAX_BYTES
from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.note import MAX_NOTE_BYTES, parse_note
from argo_core.ledger.record import LoggedEntry
from argo_core.ledger.tile import WIDTH, Tile, split_entries, tile_at
from argo_service.config.tree import Settings
from argo_service.exporting.log_file import open_log_file
from argo_service.exporting.log_tables import open_log_tables
from argo_service.parts import Entries, Readable
from argo_service.sharing import spending_path
from argo_service.skill.reading import Reading
from argo_service.skill.told import SpentSoFar, ToldSkill, nothing_spent, tell
from argo_service.verifying.folder_shelf import FolderShelf

_MAX_BUNDLE_BYTES = WIDTH * (MAX_BYTES + 2)


@frozen
class Source:
    """Entries up to `size`, and what its sources have cost as far as that is kept beside them."""

    entries: Entries
    size: int
    spent: SpentSoFar = nothing_spent


@frozen
class FolderEntries:
    """The entries of a log that was exported into a folder, up to its checkpoint's `size`."""

    shelf: FolderShelf
    size: int

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        """As `SignalLog.entries`."""
        found: list[LoggedEntry] = []
        for place in range(start - start % WIDTH, min(stop, self.size), WIDTH):
            data = await self._bundle(place)
            found += [LoggedEntry(index, one) for index, one in enumerate(data, place)]
        return tuple(one for one in found if start <= one.index < stop)

    async def _bundle(self, place: int) -> tuple[bytes, ...]:
        tile = tile_at(None, place, self.size)
        # Partial ones may be gone once the whole one is there.
        for each in dict.fromkeys((tile, Tile(None, tile.index))):
            try:
                data = await self.shelf.read(each.path, _MAX_BUNDLE_BYTES)
                if data is not None:
                    return split_entries(data, each.width)[: tile.width]
            except (Unchecked, InvalidInput) as error:
                raise LogUnusable(f"{self.shelf.name}, {each.path}: {error}") from error
        raise LogUnusable(f"{self.shelf.name}: {tile.path} is missing; export it again")


@asynccontextmanager
async def opened(target: Path | None, settings: Settings) -> AsyncIterator[Source]:
    """The log in that file or folder, or where the settings have it.

    Raises:
        LogError: there is none, or it cannot be read.
    """
    url = settings.log.database_url
    if target is not None and await asyncio.to_thread(target.is_dir):
        yield await _folder(target)
    elif target is None and url is not None:
        async with open_log_tables(url.reveal()) as tables:
            yield Source(tables, await _size(tables), _book(settings.database))
    else:
        path = target or settings.database
        async with open_log_file(path) as file:
            yield Source(file, await _size(file), _book(path))


async def skill_in(source: Source, strategy: str | None, seed: int) -> ToldSkill:
    """The skill of a strategy's sources; of the one that registered last where none is named.

    Raises:
        InvalidInput: there is none of that name, or none at all.
        LogError: the log cannot be read.
    """
    reading = Reading(source.entries)
    await reading.go_on(source.size)
    if strategy is None and not reading.strategies:
        raise InvalidInput("log", "no strategy has registered in it", "name another log")
    name = reading.strategies[-1] if strategy is None else strategy
    return await asyncio.to_thread(tell, name, await reading.track(name), source.spent, seed)


async def _folder(folder: Path) -> Source:
    shelf = FolderShelf(folder)
    try:
        data = await shelf.read("checkpoint", MAX_NOTE_BYTES)
        if data is None:
            raise LogUnavailable(f"{folder} has no checkpoint; name a folder that was exported to")
        size = parse_checkpoint(parse_note(data).text).size
    except (Unchecked, InvalidInput) as error:
        raise LogUnusable(f"{folder}: {error}") from error
    return Source(FolderEntries(shelf, size), size)


async def _size(log: Readable) -> int:
    note = await log.checkpoint()
    return 0 if note is None else parse_checkpoint(note.text).size


def _book(database: Path) -> SpentSoFar:
    return partial(read_spent, spending_path(database))
