"""Writing for people (tables) and for machines (one JSON document)."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def write_json(body: object, *, indent: int | None = 2) -> None:
    """`body` as JSON in ASCII, so that no locale can change a byte."""
    # Behind the codec stands the whole core with numpy, which writing a line does not need.
    from argo_core.codec.plain import to_plain  # noqa: PLC0415 - see above

    sys.stdout.write(json.dumps(to_plain(body), indent=indent, allow_nan=False) + "\n")
    sys.stdout.flush()


def write_line(text: str) -> None:
    """One line, at once, because whoever started us may be reading from a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """One line about what went wrong."""
    sys.stderr.write(f"argo: {text}\n")


def console() -> "Console":
    """A console on standard output; it colours and draws only what the terminal can show."""
    # Half of the commands never draw a table, and rich takes a while to load.
    from rich.console import Console  # noqa: PLC0415 - see above

    return Console(highlight=False, soft_wrap=False)


def called() -> str:
    """How a shell in this folder calls this program: who began by nox has no `argo` on its path."""
    program, here = Path(sys.argv[0]), Path.cwd()
    if program.name == "argo" and program.is_relative_to(here):
        return str(program.relative_to(here))
    return "argo"


def hush() -> None:
    """Let nothing more reach standard output, whose reader has gone.

    Python would complain once more when it flushes at the end.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def prepare_streams() -> None:
    """Let no locale's encoding stop a line half-way."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if callable(reconfigure):
            reconfigure(errors="replace")
