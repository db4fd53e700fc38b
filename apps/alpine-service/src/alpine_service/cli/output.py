"""What the command says: lines for people, JSON for programs."""

import sys
from collections.abc import Sequence
from typing import Any

import orjson

_TWO_SPACES = "  "


def say(line: str = "") -> None:
    """A line of the answer, at once: whoever started us may be reading from a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def say_json(value: Any) -> None:
    """The answer as one JSON document, for programs; times as RFC 3339."""
    say(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode())


def say_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as what is in them."""
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    for row in (head, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say(_TWO_SPACES.join(cells).rstrip())


def complain(line: str) -> None:
    """What went wrong, in one line beside the answer."""
    sys.stderr.write(f"alpine: {line}\n")
