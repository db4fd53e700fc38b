"""A log exported into a folder."""

import asyncio
import os
from pathlib import Path
from stat import S_ISREG

from attrs import frozen

from argo_core.errors import Unchecked


@frozen
class FolderShelf:
    """The files below `folder`."""

    folder: Path

    @property
    def name(self) -> str:
        return str(self.folder)

    async def read(self, path: str, max_bytes: int) -> bytes | None:
        return await asyncio.to_thread(read_bounded, self.folder / path, max_bytes)


def read_bounded(path: Path, max_bytes: int) -> bytes | None:
    """The whole file, or None if there is none; blocks.

    Raises:
        Unchecked: it cannot be read, is no plain file, or is larger than that.
    """
    data = read_start(path, max_bytes + 1)
    if data is not None and len(data) > max_bytes:
        raise Unchecked(f"{path} is larger than {max_bytes:,} bytes")
    return data


def read_start(path: Path, count: int) -> bytes | None:
    """The first so many bytes of a file, or None if there is none; blocks.

    Raises:
        Unchecked: it cannot be read, or is no plain file.
    """
    try:
        with open(path, "rb", opener=_at_once) as file:
            if S_ISREG(os.fstat(file.fileno()).st_mode):
                return file.read(count)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:
        pass
    except (OSError, ValueError) as error:
        raise Unchecked(f"{path} cannot be read: {error}") from error
    raise Unchecked(f"{path} is not a file")


def _at_once(path: str, flags: int) -> int:
    # A pipe that nobody writes to would be waited for without end.
    return os.open(path, flags | os.O_NONBLOCK)
