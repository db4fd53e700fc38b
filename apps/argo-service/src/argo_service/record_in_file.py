"""The log in an SQLite file, looked at beside whoever writes it."""

from pathlib import Path

from argo_adapters.sqlite.connection import connect, translated
from argo_adapters.sqlite.record import read_checkpoint
from argo_adapters.sqlite.schema import identify
from argo_core.ledger.note import Note

READ_S = 5.0


def newest_in_file(path: Path) -> tuple[Note | None, Note | None]:
    """The newest checkpoint, and the newest that somebody cosigned; None without entries. Blocks.

    Raises:
        LogError: the file is no signal log, or cannot be read.
    """
    if not path.exists():
        return None, None
    with translated(path):
        db = connect(path, read_only=True, busy_s=READ_S)
        try:
            if not identify(db, path):
                return None, None
            newest = read_checkpoint(db, path, cosigned=False)
            return newest, read_checkpoint(db, path, cosigned=True)
        finally:
            db.close()
