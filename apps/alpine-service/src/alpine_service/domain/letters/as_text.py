"""A mail as plain text: lines of 72 columns, but for links, codes and tables that need more."""

from collections.abc import Sequence
from textwrap import fill
from typing import assert_never

from alpine_service.domain.letters.blocks import (
    Block,
    Button,
    Code,
    Facts,
    Heading,
    Link,
    Paragraph,
    Table,
    plain,
)

COLUMNS = 72
MARK = "Alpine"
_GAP = "  "


def as_text(title: str, blocks: Sequence[Block], footnotes: Sequence[Block]) -> str:
    """The words of a mail, signed at its end."""
    parts = [_wrapped(title), *map(_block, blocks)]
    if footnotes:
        parts += ["-" * 8, *map(_block, footnotes)]
    return "\n\n".join([*parts, MARK]) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"{_wrapped(text)}\n{'-' * min(len(plain(text)), COLUMNS)}"
        case Paragraph(text):
            return _wrapped(text)
        # On lines of their own, so that no program takes a mark behind it for a part of a link.
        case Button(label, url) | Link(label, url, _):
            return f"{_wrapped(label)}:\n{url}"
        case Code(label, value):
            return f"{_wrapped(label)}:\n{plain(value)}"
        case Facts(rows):
            return "\n".join(_aligned(rows, (False, True)))
        case Table():
            return _table(block)
        case _:
            assert_never(block)


def _table(table: Table) -> str:
    titles = [column.title for column in table.columns]
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    head, *lines = _aligned([titles, *cells], [column.is_numeric for column in table.columns])
    width = max(map(len, [head, *lines]))
    parts = [
        f"{line}\n{_ends(_GAP + plain(row.note), plain(row.state), width)}\n{_GAP}{row.url}"
        for line, row in zip(lines, table.rows, strict=True)
    ]
    return "\n\n".join([head, *parts])


def _ends(left: str, right: str, width: int) -> str:
    """Two texts at the ends of a line, or of a longer one if they need it."""
    return f"{left}{_GAP}{right.rjust(width - len(left) - len(_GAP))}"


def _aligned(rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> list[str]:
    texts = [[plain(text) for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return [
        _GAP.join(
            text.rjust(width) if is_numeric else text.ljust(width)
            for text, width, is_numeric in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in texts
    ]


def _wrapped(text: str) -> str:
    return fill(plain(text), COLUMNS, break_long_words=False, break_on_hyphens=False)
