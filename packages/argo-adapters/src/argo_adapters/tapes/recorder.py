"""Writing recordings: inputs go to a file beside the engine, which never waits for it.

What cannot be kept up with or stored is missing from there on, and the recording says so: it is
never one with a hole.
"""

import asyncio
import logging
import os
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import BinaryIO

from argo_core.backtest.input_lines import write_input
from argo_core.backtest.recording import About, End, write_about, write_end
from argo_core.engine.inputs import Input
from argo_core.errors import InvalidInput

MOST_WAITING = 20_000
"""Inputs that wait to be written; a large universe's past bars come all at once."""
FLUSH_AFTER_S = 0.5
FLUSH_BYTES = 1 << 16

# Zlib's word for the format of gzip, without a time stamp.
_GZIP = 31

_log = logging.getLogger(__name__)


class Recorder:
    """A `Journal` that writes to a file; `recording` makes it.

    A killed process loses what came in its last half second, or the last 64 kB of it.
    """

    def __init__(self, path: Path, raw: BinaryIO, *, most_waiting: int = MOST_WAITING) -> None:
        self._path = path
        self._raw = raw
        self._packer = zlib.compressobj(wbits=_GZIP) if path.suffix == ".gz" else None
        self._most_waiting = most_waiting
        # Its lock is taken inside of C, where it never waits for whoever writes.
        self._waiting: SimpleQueue[Input | None] = SimpleQueue()
        self._missing: str | None = None
        self._count = 0
        self._written = sha256()
        self._unflushed = 0
        self._sound = 0

    @property
    def missing(self) -> str | None:
        """Why the recording has not everything, None while it has."""
        return self._missing

    def __call__(self, one: Input) -> None:
        """Have the input written down some time soon."""
        if self._missing is not None:
            return
        if self._waiting.qsize() >= self._most_waiting:
            self._missing = f"{self._most_waiting:,} inputs waited to be written"
            return
        self._waiting.put(one)

    def begin(self, about: About) -> Thread:
        """Write the header, and begin to write what comes. Blocks on the disk."""
        self._write(write_about(about))
        self._flush()
        thread = Thread(target=self._work, name="recorder", daemon=True)
        thread.start()
        return thread

    def end(self, thread: Thread) -> None:
        """Write what waits, and the end, and close the file. Blocks on the disk."""
        self._waiting.put(None)
        thread.join()

    def _work(self) -> None:
        try:
            with self._raw:
                self._write_all()
                self._write(write_end(End(self._count, self._written.hexdigest(), self._missing)))
                if self._packer is not None:
                    self._raw.write(self._packer.flush())
        except OSError as error:
            self._missing = f"the disk did not take it: {error.strerror}"
            # Half a block would spoil what is before it.
            os.truncate(self._path, self._sound)
        if self._missing is not None:
            _log.warning("recording %s is not whole: %s", self._path, self._missing)

    def _write_all(self) -> None:
        while (one := self._next()) is not None:
            try:
                line = write_input(one)
            except InvalidInput as error:
                # From the first hole on it would be another run's recording.
                self._missing = self._missing or f"an input cannot be written: {error}"
                return
            self._write(line)
            self._count += 1

    def _next(self) -> Input | None:
        if self._unflushed:
            try:
                return self._waiting.get(timeout=FLUSH_AFTER_S)
            except Empty:
                self._flush()
        return self._waiting.get()

    def _write(self, line: bytes) -> None:
        self._written.update(line)
        self._raw.write(line if self._packer is None else self._packer.compress(line))
        self._unflushed += len(line)
        if self._unflushed >= FLUSH_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._packer is not None:
            self._raw.write(self._packer.flush(zlib.Z_SYNC_FLUSH))
        self._raw.flush()
        self._unflushed = 0
        self._sound = self._raw.tell()


@asynccontextmanager
async def recording(
    path: Path, about: About, *, most_waiting: int = MOST_WAITING
) -> AsyncIterator[Recorder]:
    """A recorder to a new file, gzip if it is named `.gz`; at the end everything is written.

    What it holds can be sold, so only the file's owner may read it.

    Raises:
        InvalidInput: the file is there already, or cannot be made.
    """

    def opened() -> tuple[Recorder, Thread]:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        raw = os.fdopen(handle, "wb")
        recorder = Recorder(path, raw, most_waiting=most_waiting)
        try:
            return recorder, recorder.begin(about)
        except OSError:
            raw.close()
            raise

    try:
        recorder, thread = await asyncio.to_thread(opened)
    except FileExistsError as error:
        problem = f"{path} is there already"
        raise InvalidInput("recording", problem, "name a new file, or move the old one") from error
    except OSError as error:
        problem = f"{path} cannot be written ({error.strerror})"
        fix = "choose a folder with space you may write to"
        raise InvalidInput("recording", problem, fix) from error
    try:
        yield recorder
    finally:
        await asyncio.to_thread(recorder.end, thread)
