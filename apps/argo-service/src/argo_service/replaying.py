"""Replaying a recording from a file, against what it says was written, and against a log."""

from collections import deque
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import frozen
from sqlite_utils import Database

from argo_adapters.sqlite.connection import translated
from argo_adapters.sqlite.record import MAX_RANGE, read_entries, read_hashes
from argo_adapters.tapes.recorded import open_recording
from argo_core.backtest.recording import About
from argo_core.backtest.replay import Difference, Replay
from argo_core.codec.plain import rfc3339
from argo_core.engine.desk import Desk
from argo_core.engine.inputs import Decided, Written
from argo_core.ledger.canonical import decode
from argo_core.ledger.merkle import HASH_BYTES, Frontier, leaf_hash
from argo_core.ledger.record import LoggedEntry
from argo_core.ledger.strict_base64 import write_base64
from argo_service.exporting.log_file import connect_log_file


@frozen
class Replayed:
    """What a replay came to.

    The log had `first` entries before; `entries` more are what the recording, and the log if one
    was given, has too. `root` is that of all of them, None where the log's beginning is not at
    hand. `missing` says why the recording is not whole; `unwritten` entries no log took.
    """

    about: About
    inputs: int
    first: int
    entries: int
    root: bytes | None
    difference: Difference | None
    missing: str | None
    unwritten: int

    @property
    def size(self) -> int:
        """How long the log was with the entries."""
        return self.first + self.entries


class _NoLog:
    """There is nothing to compare with but the recording."""

    def difference(self, entry: LoggedEntry) -> Difference | None:
        return None

    def frontier(self, size: int) -> Frontier | None:
        return None if size else Frontier()


class _LogFile:
    """A log's entries, read a thousand at a time."""

    def __init__(self, path: Path, db: Database) -> None:
        self._path = path
        self._db = db
        self._read: dict[int, bytes] = {}

    def difference(self, entry: LoggedEntry) -> Difference | None:
        if entry.index not in self._read:
            with translated(self._path):
                found = read_entries(self._db, entry.index, entry.index + MAX_RANGE)
            self._read = {one.index: one.data for one in found}
        logged = self._read.get(entry.index)
        same = logged == entry.data
        return None if same else Difference(entry.index, logged, entry.data)

    def frontier(self, size: int) -> Frontier | None:
        frontier = Frontier()
        while frontier.size < size:
            with translated(self._path):
                hashes = read_hashes(self._db, 0, frontier.size, size)
            if not hashes:
                return None
            places = range(0, len(hashes), HASH_BYTES)
            frontier = frontier.extend(hashes[place : place + HASH_BYTES] for place in places)
        return frontier


def replay_file(
    path: Path, *, partial: bool = False, log: Path | None = None, reveal_key: bytes | None = None
) -> Replayed:
    """Play the recording through a fresh desk, to its end or to the first difference.

    Raises:
        InvalidInput: the recording cannot be read, is damaged, is of no run that can have been, or
            was made with a reveal key that this is not.
        LogError: the log cannot be read.
    """
    with ExitStack() as stack:
        recording = stack.enter_context(open_recording(path, partial=partial))
        about = recording.about
        replay = Replay(Desk(about.profile, about.instruments, about.registration(reveal_key)))
        compared: _NoLog | _LogFile = _NoLog()
        if log is not None:
            compared = _LogFile(log, stack.enter_context(closing(connect_log_file(log))))
        tree: Frontier | None = Frontier()
        entries, difference = 0, None
        inputs = iter(recording)
        for step in replay.play(inputs):
            difference = step if isinstance(step, Difference) else compared.difference(step)
            if isinstance(step, Difference) or difference is not None:
                break
            tree = tree if entries else compared.frontier(replay.begins)
            tree = None if tree is None else tree.extend([leaf_hash(step.data)])
            entries += 1
        # A damaged recording writes other entries too, and only its end tells the two apart.
        deque(inputs, maxlen=0)
        return Replayed(
            about=about,
            inputs=recording.count,
            first=replay.begins,
            entries=entries,
            root=None if tree is None else tree.root(),
            difference=difference,
            missing=recording.missing,
            unwritten=0 if difference else replay.unwritten,
        )


def about_recording(path: Path, *, partial: bool = False) -> dict[str, Any]:
    """What is in a recording, for people and machines.

    Raises:
        InvalidInput: it cannot be read.
    """
    inputs: dict[str, int] = {}
    entries: dict[str, int] = {}
    moments: list[datetime] = []
    with open_recording(path, partial=partial) as recording:
        for one in recording:
            kind = type(one).__name__.lower()
            inputs[kind] = inputs.get(kind, 0) + 1
            if isinstance(one, Decided):
                moments = [*moments[:1], one.at]
            if isinstance(one, Written):
                for data in one.entries:
                    named = str(decode(data)["kind"])
                    entries[named] = entries.get(named, 0) + 1
        about = recording.about
        return {
            "origin": about.origin.value,
            "log": about.log,
            "strategy": about.strategy,
            "profile": about.profile.name,
            "symbols": " ".join(sorted(one.symbol for one in about.instruments)),
            "seed": about.seed,
            "code_sha256": about.code_sha256,
            "config_sha256": about.config_sha256,
            "reveal_after_s": about.reveal_after_s,
            "reveal_key_sha256": about.reveal_key_sha256,
            "begins": rfc3339(moments[0]) if moments else None,
            "ends": rfc3339(moments[-1]) if moments else None,
            "missing": recording.missing,
            "inputs": inputs,
            "entries": entries,
        }


def root_text(replayed: Replayed) -> str | None:
    """The root as checkpoints spell it."""
    return None if replayed.root is None else write_base64(replayed.root)
