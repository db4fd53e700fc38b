"""Recordings on disk, read line by line within bounds."""

import gzip
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

from argo_core.backtest.recording import Recording
from argo_core.errors import InvalidInput

MAX_LINE = 1 << 26
_GZIP = b"\x1f\x8b"
_FIX = "give a file that `argo tape record` wrote"


@contextmanager
def open_recording(path: Path, *, partial: bool = False) -> Iterator[Recording]:
    """The recording in that file, packed or not; `partial` as `Recording` has it.

    Raises:
        InvalidInput: the file is not there, damaged, or no recording; reading on raises it too.
    """
    with closing(_lines(path, partial=partial)) as lines:
        yield Recording(lines, partial=partial)


def holds_recording(path: Path) -> bool:
    """Whether the file begins like a recording, whole or not."""
    with closing(_lines(path, partial=True)) as lines:
        return b'"holds":"inputs"' in next(lines, b"")


def _lines(path: Path, *, partial: bool) -> Generator[bytes, None, None]:
    try:
        with _opened(path) as file:
            while line := file.readline(MAX_LINE + 1):
                if len(line) > MAX_LINE:
                    problem = f"a line exceeds {MAX_LINE:,} bytes"
                    raise InvalidInput("recording", problem, "restore the file")
                yield line
    except FileNotFoundError as absent:
        raise InvalidInput("recording", f"there is no file {path}", "check the path") from absent
    except EOFError as broken:
        if not partial:
            fix = "restore the file, or read what is there with --partial"
            raise InvalidInput("recording", f"{path} was cut off", fix) from broken
    except (OSError, zlib.error) as broken:
        raise InvalidInput("recording", f"{path} cannot be read ({broken})", _FIX) from broken


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value] # it reads bytes all the same
