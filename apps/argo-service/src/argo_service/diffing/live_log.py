"""One run of a strategy in a live log: the log's own file, or a folder that it was exported to."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Protocol

from attrs import frozen
from sqlite_utils import Database

from argo_adapters.sqlite import record
from argo_adapters.sqlite.connection import translated
from argo_core.backtest.day.compare import LiveSignal
from argo_core.errors import InvalidInput, LogUnusable, Unchecked
from argo_core.ledger.canonical import MAX_BYTES
from argo_core.ledger.checkpoint import Checkpoint, parse_checkpoint
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.note import MAX_NOTE_BYTES, parse_note
from argo_core.ledger.tile import WIDTH, split_entries, tile_at
from argo_service.exporting.export import CHECKPOINT
from argo_service.exporting.log_file import connect_log_file
from argo_service.verifying.folder_shelf import read_bounded

_PAGE: Final = record.MAX_RANGE
_LARGEST_BUNDLE: Final = WIDTH * (MAX_BYTES + 2)


class LiveLog(Protocol):
    """A log's entries, and what it has beside them."""

    def entries(self, start: int) -> Sequence[bytes]:
        """Some entries from that index on, none where it ends."""
        ...

    def sealed(self, commit: Entry) -> bytes | None:
        """The body of what an entry commits to, None where only a later entry may show it."""
        ...

    def capsule(self, digest: str) -> bytes | None:
        """The inputs of that hash, None where they are not kept."""
        ...


@frozen
class LiveRun:
    """What one run of a strategy wrote: its `registration`, and its signals in their order."""

    registration: bytes
    signals: tuple[LiveSignal, ...]


@contextmanager
def open_live_log(path: Path) -> Iterator[LiveLog]:
    """The log in that file, or in that folder of an export, whose entries are checked first.

    Raises:
        InvalidInput: there is none, or the folder is not what its checkpoint says.
        LogError: the file cannot be read.
    """
    if not path.exists():
        fix = "name the file of the log, or a folder that it was exported to"
        raise InvalidInput("log", f"there is none at {path}", fix)
    if path.is_dir():
        yield _Folder(path)
        return
    with closing(connect_log_file(path)) as db:
        yield _File(path, db)


def read_run(log: LiveLog, first: int, name: str, strategy: str) -> LiveRun:
    """What the run wrote whose registration is at the index `first` of the log.

    Raises:
        InvalidInput: the log is another one, or that is no registration of the strategy.
        LogError: something in it is damaged.
    """
    registration: bytes | None = None
    found: dict[int, bytes] = {}
    bodies: dict[int, bytes] = {}
    is_over = False
    for index, data in _from(log, first):
        entry = decode_entry(data)
        if entry.strategy != strategy:
            continue
        if registration is None:
            registration = _registration(index, first, data, entry, name)
        elif entry.kind == "strategy":
            # The next start registers anew; only what was sealed before may still be shown.
            is_over = True
        elif entry.kind == "reveal":
            bodies[entry.number("commit_index")] = entry.text("body").encode()
        elif entry.kind in {"signal", "commit"} and not is_over:
            found[index] = data
    if registration is None:
        raise _another(f"the log ends before the entry {first}, which the run began with")
    return LiveRun(
        registration,
        tuple(_live(log, index, data, bodies.get(index)) for index, data in found.items()),
    )


def _registration(index: int, first: int, data: bytes, entry: Entry, name: str) -> bytes:
    if entry.log != name:
        raise _another(f"it is of the log {name}, this is {entry.log}")
    if index != first or entry.kind != "strategy":
        raise _another(f"the log's entry {first} is no registration of its strategy")
    return data


def _another(problem: str) -> InvalidInput:
    return InvalidInput("recording", problem, "name the log that was recorded")


def _from(log: LiveLog, start: int) -> Iterator[tuple[int, bytes]]:
    while found := log.entries(start):
        yield from enumerate(found, start)
        start += len(found)


def _live(log: LiveLog, index: int, data: bytes, revealed: bytes | None) -> LiveSignal:
    entry = decode_entry(data)
    body = data if entry.kind == "signal" else revealed or log.sealed(entry)
    if body is None:
        return LiveSignal(index, data)
    return LiveSignal(index, data, body, log.capsule(decode_entry(body).text("inputs_sha256")))


@frozen
class _File:
    path: Path
    db: Database

    def entries(self, start: int) -> Sequence[bytes]:
        with translated(self.path):
            return [one.data for one in record.read_entries(self.db, start, start + _PAGE)]

    def sealed(self, commit: Entry) -> bytes | None:
        with translated(self.path):
            sealed = record.read_sealed(self.db, commit.text("commitment"))
        if sealed is None or sealed.commitment != commit.text("commitment"):
            problem = f"the body of {commit.text('commitment')} is missing or another"
            raise LogUnusable(f"{self.path}: {problem}; restore it from a copy")
        return sealed.body

    def capsule(self, digest: str) -> bytes | None:
        with translated(self.path):
            return record.read_capsule(self.db, digest)


class _Folder:
    """An export: entries alone. Its inputs are nobody's but the operator's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._head = self._checkpoint()
        frontier = Frontier()
        for start in range(0, self._head.size, WIDTH):
            frontier = frontier.extend(map(leaf_hash, self.entries(start)))
        if frontier.root() != self._head.root:
            raise self._damaged("its entries are not those that its checkpoint has the root of")

    def entries(self, start: int) -> Sequence[bytes]:
        if start >= self._head.size:
            return ()
        tile = tile_at(None, start, self._head.size)
        data = self._read(tile.path, _LARGEST_BUNDLE)
        try:
            return split_entries(data, tile.width)[start - tile.start :]
        except InvalidInput as error:
            raise self._damaged(f"{tile.path}: {error.problem}") from error

    def sealed(self, commit: Entry) -> bytes | None:
        return None

    def capsule(self, digest: str) -> bytes | None:
        return None

    def _checkpoint(self) -> Checkpoint:
        data = self._read(CHECKPOINT, MAX_NOTE_BYTES)
        try:
            return parse_checkpoint(parse_note(data).text)
        except InvalidInput as error:
            raise self._damaged(f"{CHECKPOINT}: {error.problem}") from error

    def _read(self, path: str, most: int) -> bytes:
        try:
            data = read_bounded(self._folder / path, most)
        except Unchecked as error:
            raise self._damaged(str(error)) from error
        if data is None:
            raise self._damaged(f"there is no {path} in it")
        return data

    def _damaged(self, problem: str) -> InvalidInput:
        return InvalidInput("log", f"{self._folder}: {problem}", "export the log there again")
