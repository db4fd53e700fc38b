"""Which bars of a file are wanted."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
from attrs import field, frozen

from argo_adapters.bars.hours import us_market_hours
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.assemble import assemble
from argo_core.backtest.data.options import Options, Rename
from argo_core.backtest.data.rows import Rows
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol, parse_symbol

MOST_ROWS = 50_000_000
"""Rows of a file that are read at once; eight columns of them take three gigabytes."""


def _symbols(symbols: Iterable[str]) -> tuple[Symbol, ...]:
    return tuple(parse_symbol(each) for each in symbols)


@frozen(kw_only=True)
class Selection:
    """Bars of `symbols`, all where empty, from the date `since` up to, not with, `until`.

    Symbols are meant by their newest names. Dates are sessions', which for the hours of stocks are
    dates in UTC as well. `bar_s` is the length of bars that have a time of the day. More than
    `most_rows` are refused before they are read.
    """

    symbols: tuple[Symbol, ...] = field(default=(), converter=_symbols)
    since: date | None = None
    until: date | None = None
    bar_s: int = 60
    most_rows: int = MOST_ROWS

    def __attrs_post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.since >= self.until:
            problem = f"nothing lies between {self.since} and {self.until}"
            raise InvalidInput("range", problem, "let it end after it begins")
        if len(set(self.symbols)) < len(self.symbols):
            raise InvalidInput("symbols", "one is listed twice", "list each symbol once")

    def names(self, renames: Iterable[Rename]) -> frozenset[str]:
        """The wanted symbols as a file may call them, none where all are wanted."""
        olds = (one.old for one in renames if one.new in self.symbols)
        return frozenset((*self.symbols, *olds))


ALL = Selection()


def too_many(path: Path, rows: int, selection: Selection) -> InvalidInput:
    """The refusal of that many rows."""
    problem = f"{rows:,} rows of it are asked for"
    fix = f"choose fewer symbols or a shorter range, {selection.most_rows:,} rows at most"
    return InvalidInput(path.name, problem, fix)


def to_panel(
    rows: Rows, bar_s: int, *, name: str, origin: str, selection: Selection, options: Options
) -> Panel:
    """The rows of a selection as a panel.

    Raises:
        InvalidInput: a wanted symbol has no row, or the rows make no panel.
    """
    present = {rows.symbols[code] for code in np.unique(rows.code)}
    present |= {one.new for one in options.renames if one.old in present}
    if absent := sorted(set(selection.symbols) - present):
        problem = f"there are no bars of {', '.join(absent[:5])} in that range"
        raise InvalidInput("symbols", problem, "leave them out, or choose another range")
    return assemble(
        rows, name=name, origin=origin, bar_s=bar_s, sessions=us_market_hours(), options=options
    )
