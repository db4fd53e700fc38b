"""Splits that the data do not know of, taken out of the prices."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from argo_core.backtest.bars.finding import Defect, Finding
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.hours import dated
from argo_core.backtest.data.numbers import MOST_VOLUME
from argo_core.backtest.data.renames import day_of
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol, parse_symbol

_PRICES = ("open", "high", "low", "close")
_MOST = 10_000


@frozen
class Split:
    """From the session of `on` there are `ratio` shares for each one before: 2 for 2:1."""

    symbol: Symbol = field(converter=parse_symbol)
    on: date
    ratio: Decimal

    def __attrs_post_init__(self) -> None:
        if not self.ratio.is_finite() or not Decimal(1) / _MOST <= self.ratio <= _MOST:
            problem = f"{self.ratio} is no ratio of a split"
            raise InvalidInput("ratio", problem, f"give the new shares for one, up to {_MOST:,}")


def adjust(panel: Panel, splits: Iterable[Split]) -> Panel:
    """The panel in the shares of its last row: prices before a split divided by its ratio.

    Volumes before it are multiplied, rounded down. That scales a symbol's whole past by one number,
    so returns and signals made of ratios are those that were seen at the time; dollar prices, and
    what depends on them (fees by the share, whole shares, limits in shares), are not: they know of
    splits to come. Bars whose lowest price falls below 1/10,000 dollar are left out. Splits of
    symbols that the panel has not, or on dates that no earlier bar precedes, change nothing.

    Raises:
        InvalidInput: a symbol is split twice on one date, or a price leaves the range of prices.
    """
    every = tuple(splits)
    table = {(one.symbol, one.on): one for one in every}
    if len(table) < len(every):
        raise InvalidInput("splits", "one is listed twice", "list each split once")
    tables = {name: np.array(getattr(panel, name)) for name in (*_PRICES, "volume")}
    found = []
    for place, symbol in enumerate(panel.symbols):
        divisor = np.ones(panel.rows)
        mine = [one for one in table.values() if one.symbol == symbol]
        for one in sorted(mine, key=lambda split: split.on):
            divisor[panel.session < day_of(one.on)] *= float(one.ratio)
        if not 1 / _MOST <= divisor.min() <= divisor.max() <= _MOST:
            problem = f"those of {symbol} multiply to a ratio beyond {_MOST:,}"
            raise InvalidInput("splits", problem, "list those that happened")
        changed = np.flatnonzero((divisor != 1) & panel.there[:, place])
        if not changed.size:
            continue
        scale = divisor[changed]
        for name in _PRICES:
            tables[name][changed, place] = np.rint(tables[name][changed, place] / scale)
        more = np.minimum(np.floor(tables["volume"][changed, place] * scale), MOST_VOLUME)
        tables["volume"][changed, place] = more
        vanished = changed[tables["low"][changed, place] < 1]
        for column in tables.values():
            column[vanished, place] = 0
        first = dated(panel.session[changed[0]])
        rule = "prices before a split divided by its ratio, volume multiplied: in today's shares"
        found.append(Finding(Defect.SPLIT_ADJUSTED, symbol, len(changed), first, rule))
        if vanished.size:
            first = dated(panel.session[vanished[0]])
            rule = "a price adjusted for splits is below 1/10,000 dollar: the bar was dropped"
            found.append(Finding(Defect.NOT_POSITIVE, symbol, len(vanished), first, rule))
    changes: dict[str, Any] = dict(tables)
    return evolve(panel, findings=(*panel.findings, *found), **changes)
