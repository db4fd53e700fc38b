"""A log made, where there is none, by one of several processes that want to read it. Blocks."""

from pathlib import Path
from threading import Event

from argo_adapters.file_lock import file_lock
from argo_adapters.sqlite.connection import connect, translated
from argo_adapters.sqlite.schema import identify, make_tables
from argo_core.errors import LogUnavailable

ATTEMPTS = 200
_AGAIN_S = 0.05


def make_log(path: Path, busy_s: float) -> None:
    """Make the file and its tables, unless they are there or another process is making them.

    No lease is taken, so that a process that writes goes on writing.

    Raises:
        LogUnusable: it belongs to another program, or to a newer version of this one.
        LogUnavailable: it cannot be opened now.
    """
    for left in reversed(range(ATTEMPTS)):
        try:
            with file_lock(path.with_name(path.name + ".making")):
                _make(path, busy_s)
                return
        except LogUnavailable:
            if not left:
                raise
            Event().wait(_AGAIN_S)


def _make(path: Path, busy_s: float) -> None:
    with translated(path):
        db = connect(path, read_only=False, busy_s=busy_s)
        try:
            if not identify(db, path):
                make_tables(db, path)
        finally:
            db.close()
