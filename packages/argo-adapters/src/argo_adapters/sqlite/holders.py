"""Who of one machine's processes still lives, by locks that the kernel drops when one dies.

Each number is a byte of a file that stays empty, and whoever has the number holds a lock on that
byte. The locks belong to an open file (`F_OFD_SETLK`, Linux 3.15), not to a process, so closing
another handle of the same file drops none of them.
"""

import fcntl
import os
import struct
from contextlib import suppress
from pathlib import Path

# `struct flock` of a 64-bit Linux: type, whence, start, length, process (0 for these locks).
_FLOCK = struct.Struct("hhqqi4x")


def number_of(path: Path) -> int | None:
    """The number of the file that lies there now, None where there is none.

    Raises:
        OSError: nobody can tell.
    """
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


class Holders:
    """The locks of one process. Every call is short, and none waits for another process."""

    def __init__(self, path: Path) -> None:
        """Open the file, made where it is not there.

        Raises:
            OSError: it cannot be opened.
        """
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # As long as it is open, no other file of its file system has this number.
        self.file = os.fstat(self._file).st_ino

    def moved(self) -> bool:
        """Whether others who open the path now find another file, or none."""
        return number_of(self._path) != self.file

    def hold(self, number: int) -> None:
        """Hold that number until `drop` or until this process ends, however it does."""
        self._set(fcntl.F_WRLCK, number)

    def drop(self, number: int) -> None:
        """Hold it no more; nothing where it was not held."""
        self._set(fcntl.F_UNLCK, number)

    def lives(self, number: int) -> bool:
        """Whether another than this has it; False also of one's own."""
        asked = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, number, 1, 0)
        answer = fcntl.fcntl(self._file, fcntl.F_OFD_GETLK, asked)
        return bool(_FLOCK.unpack(answer)[0] != fcntl.F_UNLCK)

    def close(self) -> None:
        """Drop all."""
        with suppress(OSError):
            os.close(self._file)

    def _set(self, kind: int, number: int) -> None:
        wanted = _FLOCK.pack(kind, os.SEEK_SET, number, 1, 0)
        fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, wanted)
