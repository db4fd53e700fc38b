"""The places a whole log can be checked at: served, exported, or in its own file."""

import asyncio
from pathlib import Path

from argo_adapters.sqlite.verify import verify as verify_file
from argo_core.errors import LogError, RecordError, Unchecked
from argo_core.ledger.verdict import Report, Verdict, failed
from argo_core.ports import Clock
from argo_service.verifying.file_shelf import open_file
from argo_service.verifying.folder_shelf import FolderShelf
from argo_service.verifying.http_shelf import open_shelf
from argo_service.verifying.shelf import Shelf
from argo_service.verifying.walk import Reader, Walked, walk


async def check_served(address: str, reader: Reader, clock: Clock, patience_s: float) -> Walked:
    """The log below that address.

    Raises:
        InvalidInput: it is no plain HTTP address.
    """
    async with open_shelf(address, clock) as shelf:
        return await _in_time(shelf, reader, clock, patience_s)


async def check_folder(folder: Path, reader: Reader, clock: Clock, patience_s: float) -> Walked:
    """The log exported into that folder."""
    return await _in_time(FolderShelf(folder), reader, clock, patience_s)


async def check_file(path: Path, reader: Reader, clock: Clock, patience_s: float) -> Walked:
    """The signal log in that SQLite file: its tables and triggers too."""
    try:
        found = await asyncio.to_thread(verify_file, path)
        if not found.verified:
            return Walked(Report(Verdict.REFUTED, found.problems))
        async with open_file(path) as shelf:
            return await _in_time(shelf, reader, clock, patience_s)
    except LogError as error:
        return Walked(failed(Unchecked(str(error))))
    except RecordError as error:
        return Walked(failed(error))


async def _in_time(shelf: Shelf, reader: Reader, clock: Clock, patience_s: float) -> Walked:
    try:
        async with clock.timeout(patience_s):
            return await walk(shelf, reader, clock.now())
    except TimeoutError:
        problem = f"{shelf.name} was not read within {patience_s:g} s; --patience allows more"
        return Walked(failed(Unchecked(problem)))
