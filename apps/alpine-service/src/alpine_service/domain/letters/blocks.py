"""What the body of a mail is made of. Words may come from anywhere; links are ours."""

from collections.abc import Sequence
from enum import StrEnum

from attrs import field, frozen

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Tone(StrEnum):
    """What a colour underlines; the words say it already."""

    BUY = "buy"
    SELL = "sell"
    HOLD = "hold"


@frozen
class Heading:
    """Begins a part of a mail; the mail's own title is no block."""

    text: str


@frozen
class Paragraph:
    """A few sentences; quiet ones are about the mail rather than what it tells."""

    text: str
    is_quiet: bool = False


@frozen
class Button:
    """What the mail asks for; the address may carry a secret."""

    label: str
    url: str = field(repr=False)


@frozen
class Link:
    """Somewhere to go besides; the address may carry a secret."""

    label: str
    url: str = field(repr=False)
    is_quiet: bool = False


@frozen
class Code:
    """Something to copy, as it is."""

    label: str
    value: str = field(repr=False)


@frozen
class Facts:
    """Names and what they are, one below the other."""

    rows: Sequence[tuple[str, str]]


@frozen
class Column:
    """Numbers stand on the right, so that their digits line up."""

    title: str
    is_numeric: bool = False


@frozen
class Cell:
    """One field of a table."""

    text: str
    tone: Tone | None = None


@frozen
class Row:
    """A cell for each column, of which the first leads to `url`; below, a note and the state."""

    cells: Sequence[Cell]
    url: str
    note: str
    state: str


@frozen
class Table:
    """What is looked at line by line."""

    columns: Sequence[Column]
    rows: Sequence[Row]


Block = Heading | Paragraph | Button | Link | Code | Facts | Table


def plain(text: str) -> str:
    """On one line, and nothing in it that is not seen: no controls, no turning of the direction.

    Otherwise words from outside could look as if they were lines of ours.
    """
    words = " ".join(text.split())
    return "".join(each if each.isprintable() else _REPLACEMENT for each in words)
