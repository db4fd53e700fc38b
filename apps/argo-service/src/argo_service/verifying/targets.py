"""The places a whole log can be checked at: served, exported, or in its own store."""

import asyncio
from pathlib import Path

from attrs import evolve

from argo_adapters.postgres.verify import verify as verify_tables
from argo_adapters.sqlite.verify import Trust
from argo_adapters.sqlite.verify import verify as verify_file
from argo_core.errors import LogError, Unchecked
from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.verdict import Report, Verdict, failed
from argo_core.ports import Clock
from argo_core.resilience.secret import Secret
from argo_service.exporting.log_file import open_log_file
from argo_service.exporting.log_tables import open_log_tables
from argo_service.parts import Readable
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
            return await _stored(str(path), log, reader, clock, patience_s)
    except LogError as error:
        return Walked(failed(Unchecked(str(error))))


async def check_tables(url: Secret, reader: Reader, clock: Clock, patience_s: float) -> Walked:
    """The signal log in that PostgreSQL database, as its app's role sees it."""
    if reader.policy is None:
        return Walked(failed(Unchecked("a log in PostgreSQL is checked with its key: --log-key")))
    address, key = url.reveal(), reader.policy.log
    try:
        found = await verify_tables(address, key, reader.verify, whole_s=patience_s)
        if not found.verified:
            return Walked(Report(Verdict.REFUTED, found.problems))
        async with open_log_tables(address) as log:
            return await _stored("the log in PostgreSQL", log, reader, clock, patience_s)
    except LogError as error:
        return Walked(failed(Unchecked(str(error))))


async def _stored(
    name: str, log: Readable, reader: Reader, clock: Clock, patience_s: float
) -> Walked:
    """A log that its store has found to agree with itself."""
    walked = await _in_time(LogShelf(name, log), reader, clock, patience_s)
    if walked.report.verdict is not Verdict.UNCHECKED or reader.policy is None:
        return walked
    # The newest checkpoint may wait for its witnesses; one before need not.
    shelf = LogShelf(name, log, cosigned=True)
    seen, newest = await _in_time(shelf, reader, clock, patience_s), await log.checkpoint()
    if seen.note is None or newest is None or seen.report.verdict is Verdict.UNCHECKED:
        return walked
    more = parse_checkpoint(newest.text).size - parse_checkpoint(seen.note.text).size
    newer = f"That the {more} entries after them will stay: too few witnesses have cosigned them."
    return evolve(seen, report=evolve(seen.report, unproved=(newer, *seen.report.unproved)))


async def _in_time(shelf: Shelf, reader: Reader, clock: Clock, patience_s: float) -> Walked:
    try:
        async with clock.timeout(patience_s):
            return await walk(shelf, reader, clock.now())
    except TimeoutError:
        problem = f"{shelf.name} was not read within {patience_s:g} s; --patience allows more"
        return Walked(failed(Unchecked(problem)))
