"""Making the read model anew from the record, while nobody writes."""

from pathlib import Path

from argo_adapters.file_lock import file_lock
from argo_adapters.sqlite.connection import connect, transaction, translated
from argo_adapters.sqlite.read_model import make_read_model
from argo_adapters.sqlite.schema import identify, is_as_made
from argo_core.errors import LogUnusable

BUSY_S = 5.0


def rebuild(path: Path) -> int:
    """Make the tables that are searched anew, all or nothing; how many signals there are.

    The record itself is read and not changed; whether it is true is for `verify` to say. Blocking,
    for a thread of its own.

    Raises:
        LogUnavailable: another process writes to the log, or it cannot be opened now.
        LogUnusable: it is no signal log, is of another version, or an entry cannot be read.
    """
    if not path.exists():
        raise LogUnusable(f"{path}: there is no such file; give the file of a signal log")
    with file_lock(path.with_name(path.name + ".lock")), translated(path):
        db = connect(path, read_only=False, busy_s=BUSY_S)
        try:
            if not identify(db, path):
                raise LogUnusable(f"{path}: it is empty; give the file of a signal log")
            with transaction(db):
                if not is_as_made(db):
                    problem = "its tables or triggers were changed"
                    raise LogUnusable(f"{path}: {problem}; restore it from a copy")
                return make_read_model(db, path)
        finally:
            db.close()
