"""Fills paired into trades, and the account's worth at the end of each session."""

from decimal import Decimal

import numpy as np
from attrs import field, frozen

from argo_core.backtest.bars import trading_result as at
from argo_core.backtest.bars.arrays import Ints, ints, same
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.trading_result import FillReason, Traded
from argo_core.backtest.bars.units import UNIT, from_units
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.trading.order import Side


@frozen(kw_only=True)
class BarTrade:
    """One position from its entry to its last exit, or to the last row where `closed` is None.

    `side` is BUY for a long position. `decided`, `opened` and `closed` are rows of the panel: the
    close at which the entry was decided, the row it was filled in and that of the last exit.
    `exit` is the average price of what was sold, and of what is still held at its last close.
    `reasons` are those of the exits, each once, in the order they came. `fees` are of all its
    fills; `pnl` is net of them, not of the cost of borrowing, which the account pays for all
    positions together. `risk` is what was at stake between entry price and stop, None without
    stops; `r` is `pnl` by it. `bars` is how many rows it was held over, 0 within one.
    """

    symbol: Symbol
    side: Side
    quantity: int
    decided: int
    opened: int
    entry: Decimal
    closed: int | None
    exit: Decimal
    reasons: tuple[FillReason, ...]
    fees: Decimal
    pnl: Decimal
    risk: Decimal | None
    r: float | None
    bars: int

    @property
    def open(self) -> bool:
        """Whether something of it is still held after the last row."""
        return self.closed is None


@frozen(kw_only=True)
class Daily:
    """The account after each session: `dates` in days since 1970-01-01, `equity` in units (S).

    `opening` is the equity after the first row, which is the capital: nothing can be traded
    before that row was seen. `first_rows` is how many rows the first session has.
    """

    dates: Ints = field(converter=ints, eq=same, repr=False)
    equity: Ints = field(converter=ints, eq=same, repr=False)
    opening: int
    first_rows: int

    @property
    def path(self) -> Ints:
        """Equity from the opening on. A first session of one row is the opening itself."""
        if self.first_rows == 1:
            return self.equity
        return ints(np.concatenate(([self.opening], self.equity)))

    @property
    def path_dates(self) -> Ints:
        """The date of each point of `path`; the opening has the first session's."""
        if self.first_rows == 1:
            return self.dates
        return ints(np.concatenate((self.dates[:1], self.dates)))


def daily(panel: Panel, traded: Traded) -> Daily:
    """Equity at the last row of each session.

    Raises:
        InvalidInput: the result is of other rows than the panel's.
    """
    _check(panel, traded)
    last = np.flatnonzero(np.append(np.diff(panel.session) > 0, True))
    return Daily(
        dates=panel.session[last],
        equity=traded.equity[last],
        opening=int(traded.equity[0]),
        first_rows=int(last[0]) + 1,
    )


def trades(panel: Panel, traded: Traded) -> tuple[BarTrade, ...]:
    """Every position of the result, in the order they were opened in, the open ones included.

    Raises:
        InvalidInput: the result is of other rows, or its fills do not follow from each other.
    """
    _check(panel, traded)
    found: list[list[list[int]]] = []
    held: dict[int, list[list[int]]] = {}
    for fill in traded.fills.tolist():
        place, entry = fill[at.SYMBOL], fill[at.REASON] == FillReason.ENTRY
        if entry != (place not in held):
            problem = f"in row {fill[at.ROW]} {'an entry' if entry else 'an exit'} of {place}"
            raise InvalidInput("fills", problem, "open each position once before it is closed")
        if entry:
            held[place] = []
            found.append(held[place])
        held[place].append(fill)
        left = _left(held[place])
        if left < 0 or (not entry and fill[at.SIDE] == held[place][0][at.SIDE]):
            problem = f"in row {fill[at.ROW]} more is closed of {place} than held"
            raise InvalidInput("fills", problem, "close what is held, and no more")
        if left == 0:
            del held[place]
    return tuple(_trade(panel, fills) for fills in found)


def last_close(panel: Panel, row: int, place: int) -> int:
    """The last close of the symbol in `place` up to `row`, in units; 0 before its first bar."""
    if close := int(panel.close[row, place]):
        return close
    seen = np.flatnonzero(panel.close[:row, place])
    return int(panel.close[seen[-1], place]) if len(seen) else 0


def _check(panel: Panel, traded: Traded) -> None:
    if traded.equity.shape != panel.known_us.shape:
        problem = f"{len(traded.equity)} rows of money for {panel.rows} rows of bars"
        raise InvalidInput("traded", problem, "give the result of trading this panel")


def _left(fills: list[list[int]]) -> int:
    return fills[0][at.QUANTITY] - sum(fill[at.QUANTITY] for fill in fills[1:])


def _trade(panel: Panel, fills: list[list[int]]) -> BarTrade:
    entry, *exits = fills
    place, sign, quantity, left = entry[at.SYMBOL], entry[at.SIDE], entry[at.QUANTITY], _left(fills)
    row = panel.rows - 1 if left else exits[-1][at.ROW]
    received = sum(fill[at.QUANTITY] * fill[at.PRICE] for fill in exits)
    if left:
        received += left * last_close(panel, row, place)
    fees = sum(fill[at.FEE] for fill in fills)
    pnl = sign * (received - quantity * entry[at.PRICE]) - fees
    risk = quantity * abs(entry[at.PRICE] - entry[at.STOP]) if entry[at.STOP] else 0
    return BarTrade(
        symbol=panel.symbols[place],
        side=Side.BUY if sign > 0 else Side.SELL,
        quantity=quantity,
        decided=entry[at.DECIDED],
        opened=entry[at.ROW],
        entry=from_units(entry[at.PRICE]),
        closed=None if left else row,
        exit=received * UNIT / quantity,
        reasons=tuple(dict.fromkeys(FillReason(fill[at.REASON]) for fill in exits)),
        fees=from_units(fees),
        pnl=from_units(pnl),
        risk=from_units(risk) if risk else None,
        r=pnl / risk if risk else None,
        bars=row - entry[at.ROW],
    )
