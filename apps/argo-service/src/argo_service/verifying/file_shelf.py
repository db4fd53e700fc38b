"""A signal log's SQLite file, read as if it were served: nothing in it is believed either."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from attrs import frozen
from sqlite_utils import Database

from argo_adapters.sqlite.connection import connect, translated
from argo_adapters.sqlite.record import read_checkpoint, read_entries, read_hashes
from argo_adapters.sqlite.schema import identify
from argo_core.errors import LogError, Refuted, Unchecked
from argo_core.ledger.tile import join_entries, parse_tile_path

BUSY_S = 5.0


@frozen
class FileShelf:
    """The parts of the log in that file; use it inside `open_file`."""

    path: Path
    db: Database

    @property
    def name(self) -> str:
        return str(self.path)

    async def read(self, path: str, max_bytes: int) -> bytes | None:
        return await asyncio.to_thread(self._read, path)

    def _read(self, path: str) -> bytes | None:
        with _own_words(self.path):
            if path == "checkpoint":
                note = read_checkpoint(self.db, self.path, cosigned=False)
                return None if note is None else note.encode()
            tile = parse_tile_path(path)
            if tile.level is not None:
                return read_hashes(self.db, tile.level, tile.start, tile.stop) or None
            found = read_entries(self.db, tile.start, tile.stop)
            return join_entries([one.data for one in found]) or None


@asynccontextmanager
async def open_file(path: Path) -> AsyncIterator[FileShelf]:
    """The log in that file, only to be read.

    Raises:
        Unchecked: it cannot be read now, or is no signal log.
    """
    db = await asyncio.to_thread(_connect, path)
    try:
        yield FileShelf(path, db)
    finally:
        await asyncio.to_thread(db.close)


def _connect(path: Path) -> Database:
    with _own_words(path):
        db = connect(path, read_only=True, busy_s=BUSY_S)
        if identify(db, path):
            return db
    db.close()
    raise Unchecked(f"{path}: it is empty; give the file of a signal log")


@contextmanager
def _own_words(path: Path) -> Iterator[None]:
    try:
        with translated(path):
            yield
    except LogError as error:
        raise Unchecked(str(error)) from error
    except (TypeError, AttributeError) as error:
        # A flipped bit can also change the type that SQLite reads.
        raise Refuted(f"{path}: something in it is not bytes") from error
