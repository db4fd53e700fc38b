"""A file of one secret line that only its owner may read. No error here shows what is in it."""

import os
import secrets
import stat
from pathlib import Path

from argo_core.errors import InvalidInput

MAX_BYTES = 1_024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_FIX = "give an ordinary file of one line that only its owner may read (chmod 600)"


def read_secret_line(path: Path) -> str | None:
    """The line in the file, without its line feed; None where there is no file.

    Raises:
        InvalidInput: others may read or write it, it is a link or a device, it is too long, or it
            is not one line of printable ASCII. `field` is the path.
    """
    try:
        # Neither a link nor a pipe that nobody writes to may lead or keep us elsewhere.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        link = path.is_symlink()
        problem = "it is a link" if link else f"it cannot be read: {error.strerror}"
        raise InvalidInput(str(path), problem, _FIX) from error
    try:
        data = _read(path, handle)
    finally:
        os.close(handle)
    if len(data) > MAX_BYTES:
        raise InvalidInput(str(path), f"it has more than {MAX_BYTES} bytes", _FIX)
    line = data.decode("latin-1").removesuffix("\n")
    if not line or not line.isascii() or not line.isprintable():
        raise InvalidInput(str(path), "it is not one line of printable ASCII", _FIX)
    return line


def write_secret_line(path: Path, line: str) -> None:
    """Make the file: afterwards all of it is durably there, or none of it.

    Raises:
        InvalidInput: it is there already, or cannot be made. `field` is the path.
    """
    # A whole file takes its name in one step, and `link` never takes a name that is in use.
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(f"{line}\n".encode("ascii"))
                file.flush()
                os.fsync(handle)
            os.link(partial, path, follow_symlinks=False)
        finally:
            partial.unlink()
        _persist_names(path.parent)
    except FileExistsError as error:
        raise InvalidInput(str(path), "it is there already", "move it away first") from error
    except OSError as error:
        problem = f"it cannot be made: {error.strerror}"
        raise InvalidInput(str(path), problem, "make its folder, or make it writable") from error


def _read(path: Path, handle: int) -> bytes:
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        raise InvalidInput(str(path), "it is no ordinary file", _FIX)
    if mode & _OTHERS:
        problem = f"its mode is {stat.S_IMODE(mode):o}: others may read or change it"
        raise InvalidInput(str(path), problem, _FIX)
    return os.read(handle, MAX_BYTES + 1)


def _persist_names(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
