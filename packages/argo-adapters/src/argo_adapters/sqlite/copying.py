"""A copy of a SQLite file while somebody writes to it, by SQLite's own backup.

https://www.sqlite.org/backup.html
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from argo_core.errors import LogUnavailable, LogUnusable

BUSY_S = 30.0
# What SQLite keeps beside a file, and plays into whatever lies there under the name.
_BESIDE = ("-wal", "-shm", "-journal")


def lying_at(path: Path) -> Path | None:
    """What there is at that path or belongs to it: nothing may be put there before it is moved."""
    beside = (path.with_name(path.name + ending) for ending in _BESIDE)
    return next((one for one in (path, *beside) if os.path.lexists(one)), None)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy the database as it stands at one moment; afterwards it is there whole, or not at all.

    Whoever writes meanwhile waits for nothing: these files keep a write-ahead log. The copy is its
    owner's only. Blocks.

    Raises:
        LogUnavailable: there is no such file, the disk is full, or the target or something of one
            that was there before is there already.
        LogUnusable: it is no database, or a damaged one.
    """
    if not source.is_file():
        raise LogUnavailable(f"{source}: there is no such file to copy")
    if (there := lying_at(target)) is not None:
        raise LogUnavailable(f"{there}: it is there already; nothing is written over")
    partial = target.with_name(f".{target.name}.partial")
    address = f"file:{quote(str(source.absolute()))}?mode=ro"
    try:
        partial.unlink(missing_ok=True)
        # Made by us, because SQLite would make it readable for everybody.
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with (
            closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as old,
            closing(sqlite3.connect(partial)) as new,
        ):
            # One step is one moment; in several it would begin anew after every foreign write.
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")
            problem = new.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if problem != "ok":
            raise LogUnusable(f"{source}: the copy is damaged, and so is the file: {problem}")
        _persist(partial)
        os.link(partial, target)
        _persist(target.parent)
    except sqlite3.OperationalError as error:
        raise LogUnavailable(f"{source}: it cannot be copied now ({error})") from error
    except sqlite3.DatabaseError as error:
        raise LogUnusable(f"{source}: it is no database, or damaged ({error})") from error
    except OSError as error:
        raise LogUnavailable(f"{target}: {error.strerror}; check path and permissions") from error
    finally:
        partial.unlink(missing_ok=True)


def _persist(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
