"""Symbols that changed their names, joined under the newest."""

from datetime import date

import numpy as np

from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.data.hours import DAY_US
from argo_core.backtest.data.notes import Notes
from argo_core.backtest.data.options import Rename
from argo_core.backtest.data.rows import NUMBERS, Rows
from argo_core.market.instrument import Symbol

_EPOCH_ORDINAL = 719_163
"""`date.toordinal` of 1970-01-01."""


def day_of(one: date) -> int:
    """The date in days since 1970-01-01."""
    return one.toordinal() - _EPOCH_ORDINAL


def date_of(day: int) -> date:
    """The date that is so many days after 1970-01-01."""
    return date.fromordinal(_EPOCH_ORDINAL + int(day))


def renamed(rows: Rows, renames: tuple[Rename, ...], notes: Notes) -> Rows:
    """Every bar under its symbol's newest name, symbols sorted.

    With a date, bars of the old name from that session on are somebody else's, and so are bars of
    the new name before it: both are dropped. Findings name the symbols before they are renamed.
    """
    code, kept = rows.code, np.ones(len(rows), dtype=np.bool_)
    target: dict[Symbol, Symbol] = {}
    days = rows.at if notes.daily else rows.at // DAY_US
    for one in renames:
        if one.old not in rows.symbols:
            continue
        target[one.old] = one.new
        olds = code == rows.symbols.index(one.old)
        if one.on is not None:
            since = day_of(one.on)
            others = olds & (days >= since)
            if one.new in rows.symbols:
                others |= (code == rows.symbols.index(one.new)) & (days < since)
            rule = f"bars of another company that bore the name {one.old} or {one.new}: dropped"
            notes.bars(Defect.RENAMED, code[others], rows.at[others], rule)
            kept &= ~others
            olds &= ~others
        rule = f"{one.old} is called {one.new} today: joined under that name"
        notes.bars(Defect.RENAMED, code[olds], rows.at[olds], rule)
    names = tuple(sorted({target.get(symbol, symbol) for symbol in rows.symbols}))
    place = {name: number for number, name in enumerate(names)}
    codes = np.array([place[target.get(symbol, symbol)] for symbol in rows.symbols], dtype=np.int64)
    columns = {name: getattr(rows, name) for name in ("at", *NUMBERS)}
    every = Rows(symbols=names, code=codes[code], adjusted=rows.adjusted, **columns)
    return every if kept.all() else every.chosen(kept)
