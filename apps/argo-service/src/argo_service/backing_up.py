"""A copy of all that a service keeps beside its keys, and the way back from it.

Keys are copied apart, once, when they are made: whoever has data and key together can go on with
the log as if he were its owner.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from attrs import frozen

from argo_adapters.sqlite.copying import copy_sqlite, lying_at
from argo_adapters.sqlite.verify import verify
from argo_core.errors import InvalidInput, LogUnavailable, LogUnusable
from argo_service.api_keys import keys_path
from argo_service.config.tree import Settings
from argo_service.folder import make_folder_of
from argo_service.sharing import spending_path
from argo_service.trading.opened import paper_file

MANIFEST: Final = "backup.json"
LOG: Final = "log.sqlite3"
_FORMAT: Final = "argo-backup-1"
_MOST_BYTES: Final = 1_000_000
_FIX: Final = "name a folder that `argo backup` made"


@frozen
class Backup:
    """What was copied, and where the log stood; `size` is None where it is in PostgreSQL."""

    made_at: str
    log: str
    size: int | None
    root: str
    files: tuple[str, ...]


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """What the disk has against it, in the words of the tree of errors."""
    try:
        yield
    except OSError as error:
        problem = f"{error.filename or folder}: {error.strerror}"
        raise LogUnavailable(f"{problem}; check disk and permissions") from error


def back_up(settings: Settings, folder: Path, now: datetime) -> Backup:
    """Copy all but the keys into the new `folder`, also while the service runs. Blocks.

    Raises:
        InvalidInput: the folder is there already.
        LogError: something cannot be copied, or the log's copy does not verify.
    """
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        fix = "name a new one for every backup"
        raise InvalidInput("folder", f"{folder} is there already", fix) from None
    except OSError as error:
        raise LogUnavailable(f"{folder}: {error.strerror}; make it yourself") from error
    with _told(folder):
        return _backed_up(settings, folder, now)


def _backed_up(settings: Settings, folder: Path, now: datetime) -> Backup:
    hashes: dict[str, str] = {}
    # The journal before the log, as a crash would have it: what the log has of its trades more is
    # found at the start, and what the journal had more would be news to the log.
    for name, path in _places(settings):
        if path.is_file():
            copy_sqlite(path, folder / name)
            hashes[name] = _sha256(folder / name)
    size, root = None, ""
    if LOG in hashes:
        found = verify(folder / LOG)
        if not found.verified:
            raise LogUnusable(f"{folder / LOG}: {found.problems[0]}; keep both as evidence")
        size, root = found.size, found.root
    made = Backup(now.isoformat(), settings.log.name, size, root, tuple(hashes))
    told = {"format": _FORMAT, "made_at": made.made_at, "log": made.log, "size": size, "root": root}
    text = json.dumps(told | {"files": hashes}, indent=1) + "\n"
    handle = os.open(folder / MANIFEST, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    return made


def restore(settings: Settings, folder: Path) -> Backup:
    """Put a backup's files where the settings have them; nothing is written over. Blocks.

    Raises:
        InvalidInput: the folder is no backup, of another log, or was changed; or a file is there.
        LogError: something cannot be copied, or the log does not verify.
    """
    with _told(folder):
        return _restored(settings, folder)


def _restored(settings: Settings, folder: Path) -> Backup:
    made, hashes = _read(folder)
    if made.log != settings.log.name:
        problem = f"it is of {made.log}, and the settings have {settings.log.name}"
        raise InvalidInput("folder", problem, "restore it with the settings it was made with")
    places = dict(_places(settings))
    for name, sha256 in hashes.items():
        if name not in places or not (folder / name).is_file():
            raise InvalidInput("folder", f"{name[:80]!r} is missing or nothing of ours", _FIX)
        if _sha256(folder / name) != sha256:
            problem = f"{name} is not what was backed up"
            raise InvalidInput("folder", problem, "take another backup, and keep this as evidence")
        if (there := lying_at(places[name])) is not None:
            problem = f"{there} is there, and nothing is written over"
            raise InvalidInput("database", problem, "move what is there away, and keep it")
    if LOG in hashes:
        found = verify(folder / LOG)
        if not found.verified:
            raise LogUnusable(f"{folder / LOG}: it does not verify; keep it as evidence")
        if (found.size, found.root) != (made.size, made.root):
            problem = f"it has {found.size} entries, and the backup is said to have {made.size}"
            raise InvalidInput("folder", problem, "take another backup, and keep this as evidence")
    for name in hashes:
        make_folder_of(places[name])
        copy_sqlite(folder / name, places[name])
    return made


def _places(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Every file by its name in a backup, in the order of copying."""
    database = settings.database
    if settings.trading.enabled:
        journal = settings.trading.journal_of(database)
        yield "trading.sqlite3", journal
        yield "paper.sqlite3", paper_file(journal)
    yield "spending.sqlite3", spending_path(database)
    yield "api-keys.sqlite3", keys_path(database)
    if settings.log.database_url is None:
        yield LOG, database


def _read(folder: Path) -> tuple[Backup, dict[str, str]]:
    try:
        with (folder / MANIFEST).open("rb") as file:
            told = json.loads(file.read(_MOST_BYTES))
        files = {str(name): str(sha256) for name, sha256 in told["files"].items()}
        made = Backup(told["made_at"], told["log"], told["size"], told["root"], tuple(files))
        is_ours = told["format"] == _FORMAT
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        problem = f"{folder} holds no backup ({type(error).__name__})"
        raise InvalidInput("folder", problem, _FIX) from error
    if not is_ours:
        raise InvalidInput("folder", f"{folder} is of another format", _FIX)
    return made, files


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
