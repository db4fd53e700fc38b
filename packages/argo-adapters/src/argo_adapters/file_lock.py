"""A lock that one process holds and the operating system releases, however that process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argo_core.errors import LogUnavailable, LogUnusable


@contextmanager
def file_lock(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold an exclusive lock on `path`, a file of its own, which is left behind.

    A `shared` one keeps out only who wants it for itself. Removing the file on release would let a
    third process lock a file that nobody else can see.

    Raises:
        LogUnavailable: another process holds it.
        LogUnusable: the file cannot be made.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        problem = f"cannot lock {path}: {error.strerror}"
        raise LogUnusable(f"{problem}; make its folder, or make it writable") from error
    try:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(handle, 20).decode("ascii", "replace").strip() or "unknown"
            problem = f"process {holder} already writes here; stop it, or choose another database"
            raise LogUnavailable(f"{path}: {problem}") from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
