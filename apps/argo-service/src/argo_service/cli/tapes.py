"""Tapes as they are named on the command line."""

from pathlib import Path

from argo_adapters.tapes.file import SUFFIX, read_tape, shipped
from argo_core.backtest.tape import Tape


def is_file(name: str) -> bool:
    """Whether it is meant as a file's name, not as that of a shipped tape."""
    return "/" in name or "." in name


def find_tape(name: str) -> Tape:
    """The shipped tape of that name, or the tape in that file.

    Raises:
        InvalidInput: there is neither.
    """
    looks_like_a_file = "/" in name or name.endswith(SUFFIX)
    return read_tape(Path(name)) if looks_like_a_file else shipped(name)
