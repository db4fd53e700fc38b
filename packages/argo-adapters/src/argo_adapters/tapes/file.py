"""Tapes on disk: gzip over the core's JSON lines, read within bounds."""

import gzip
import zlib
from collections.abc import Iterator
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

from argo_core.backtest.tape import Tape, dump, load
from argo_core.errors import InvalidInput

SUFFIX = ".tape.gz"
MAX_LINE = 1 << 20
MAX_UNPACKED = 1 << 30


def shipped_names() -> tuple[str, ...]:
    """The tapes that come with the package."""
    found = (entry.name for entry in _shelf().iterdir() if entry.name.endswith(SUFFIX))
    return tuple(sorted(name.removesuffix(SUFFIX) for name in found))


def shipped(name: str) -> Tape:
    """The tape of that name that comes with the package.

    Raises:
        InvalidInput: there is none of that name.
    """
    known = shipped_names()
    if name not in known:
        raise InvalidInput("tape", f"{name[:70]!r} is not shipped", f"use {' or '.join(known)}")
    with as_file(_shelf() / f"{name}{SUFFIX}") as path:
        return read_tape(path)


def read_tape(path: Path, *, max_unpacked: int = MAX_UNPACKED) -> Tape:
    """The tape in that file, of at most `max_unpacked` bytes once unpacked.

    Raises:
        InvalidInput: the file is not there, damaged, too large or from a newer program.
    """
    try:
        with gzip.open(path, "rb") as packed:
            return load(_lines(packed, max_unpacked))
    except FileNotFoundError as absent:
        raise InvalidInput("tape", f"there is no file {path}", "check the path") from absent
    except (OSError, EOFError, zlib.error) as broken:
        problem = f"{path} cannot be read ({broken})"
        raise InvalidInput("tape", problem, "give a file that `argo tape cut` wrote") from broken


def write_tape(tape: Tape, path: Path) -> None:
    """Write the whole tape or nothing; the same tape always makes the same bytes.

    Raises:
        InvalidInput: the file cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
            packed.writelines(dump(tape))
        part.replace(path)
    except OSError as refused:
        part.unlink(missing_ok=True)
        problem = f"{path} cannot be written ({refused.strerror})"
        raise InvalidInput(
            "tape", problem, "choose a folder with space you may write to"
        ) from refused


def _shelf() -> Traversable:
    return files("argo_adapters.tapes")


def _lines(packed: gzip.GzipFile, limit: int) -> Iterator[bytes]:
    unpacked = 0
    while line := packed.readline(MAX_LINE + 1):
        unpacked += len(line)
        if len(line) > MAX_LINE:
            raise InvalidInput("tape", f"a line exceeds {MAX_LINE:,} bytes", "restore the file")
        if unpacked > limit:
            raise InvalidInput("tape", f"it unpacks to over {limit:,} bytes", "cut a shorter tape")
        yield line
