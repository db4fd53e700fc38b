"""The places a whole log can be checked at: served, exported, or in its own file."""

import asyncio
from pathlib import Path

from attrs import evolve

from argo_adapters.sqlite.verify import Trust
from argo_adapters.sqlite.verify import verify as verify_file
from argo_core.errors import LogError, Unchecked
from argo_core.ledger.verdict import Report, Verdict, failed
from argo_core.ports import Clock
from argo_service.exporting.log_file import open_log_file
from argo_service.verifying.folder_shelf import FolderShelf
from argo_service.verifying.http_shelf import open_shelf
from argo_service.verifying.log_shelf import LogShelf
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
    """The signal log in that SQLite file: its tables, triggers and earlier checkpoints too."""
    trust = None if reader.policy is None else Trust(reader.policy, reader.verify)
    try:
        found = await asyncio.to_thread(verify_file, path, trust)
        if not found.verified:
            return Walked(Report(Verdict.REFUTED, found.problems))
        async with open_log_file(path) as log:
            shelf = LogShelf(str(path), log)
            walked = await _in_time(shelf, reader, clock, patience_s)
            if walked.report.verdict is not Verdict.UNCHECKED or not found.cosigned_size:
                return walked
            # The newest checkpoint may wait for its witnesses; the one before need not.
            shelf = LogShelf(str(path), log, cosigned=True)
            walked = await _in_time(shelf, reader, clock, patience_s)
    except LogError as error:
        return Walked(failed(Unchecked(str(error))))
    more = found.size - found.cosigned_size
    newer = f"That the {more} entries after them will stay: too few witnesses have cosigned them."
    return evolve(walked, report=evolve(walked.report, unproved=(newer, *walked.report.unproved)))


async def _in_time(shelf: Shelf, reader: Reader, clock: Clock, patience_s: float) -> Walked:
    try:
        async with clock.timeout(patience_s):
            return await walk(shelf, reader, clock.now())
    except TimeoutError:
        problem = f"{shelf.name} was not read within {patience_s:g} s; --patience allows more"
        return Walked(failed(Unchecked(problem)))
