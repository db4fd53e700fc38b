"""A folder of files that others serve while it is written: each is there whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

from attrs import define

from argo_adapters.file_lock import file_lock
from argo_service.errors import CannotWrite

LOCK = ".export.lock"
PARTS = ".parts"
# Whoever serves the folder is another user, as a rule; what is in it is public.
_READABLE = 0o644


@define
class Files:
    """The files below `folder`; every method blocks. What is there already is not written again."""

    folder: Path
    written: int = 0
    kept: int = 0

    def read(self, path: str, most: int) -> bytes | None:
        """The first `most` bytes of a file, or None if there is none."""
        with _translated(self.folder / path):
            try:
                with (self.folder / path).open("rb") as file:
                    return file.read(most)
            except (FileNotFoundError, NotADirectoryError):
                return None

    def has(self, path: str, least: int, most: int) -> bool:
        """Whether there is a file of a size between these, which is kept then."""
        with _translated(self.folder / path):
            try:
                there = least <= (self.folder / path).stat().st_size <= most
            except (FileNotFoundError, NotADirectoryError):
                return False
        self.kept += there
        return there

    def put(self, path: str, data: bytes) -> None:
        """The file has these bytes from now on.

        Raises:
            CannotWrite: the folder takes no file.
        """
        if self.read(path, len(data) + 1) == data:
            self.kept += 1
            return
        target = self.folder / path
        with _translated(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder / PARTS)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    os.fchmod(file.fileno(), _READABLE)
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        self.written += 1

    def settle(self) -> None:
        """Wait until all that was written is on the disk."""
        os.sync()


@contextmanager
def open_files(folder: Path) -> Iterator[Files]:
    """The folder, made if it is not there, for one writer at a time; blocks.

    Raises:
        CannotWrite: it cannot be made.
        LogUnavailable: another process writes to it.
    """
    with _translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with file_lock(folder / LOCK):
        with _translated(folder):
            # What an export that was killed left half-way.
            rmtree(folder / PARTS, ignore_errors=True)
            (folder / PARTS).mkdir()
        try:
            yield Files(folder)
        finally:
            rmtree(folder / PARTS, ignore_errors=True)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotWrite(f"{path}: {error.strerror}; check path, rights and space") from error
