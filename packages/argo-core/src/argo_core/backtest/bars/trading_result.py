"""What became of the account: every fill, and what it was worth after each row."""

from enum import IntEnum

from attrs import field, frozen

from argo_core.backtest.bars.arrays import Ints, ints, same


class FillReason(IntEnum):
    """Why shares changed hands; the codes in `Traded.fills`."""

    ENTRY = 0
    STOP = 1
    TARGET = 2
    TIME = 3
    SIGNAL = 4


FILL_COLUMNS = ("row", "symbol", "side", "quantity", "price", "fee", "reason", "decided", "stop")
"""Columns of `Traded.fills`: `symbol` is its place in the panel, `side` 1 for bought and -1 for
sold, `price` and `fee` are in units, `decided` is the row at whose close the entry or the exit was
decided (for stops and targets the row itself, for what is left of a stop the row of its first
fill). `stop` is where the position's stop lay when an ENTRY was filled, 0 without stops and for all
other reasons."""

ROW, SYMBOL, SIDE, QUANTITY, PRICE, FEE, REASON, DECIDED, STOP = range(len(FILL_COLUMNS))


@frozen(kw_only=True)
class Traded:
    """Money after each row (T), in units, and the fills (F, 9) in the order they happened.

    `equity` is cash and what is held at the last closes; `gross` is the worth of all positions
    regardless of side. `halted` is 1 where the drawdown rule allowed no more entries, `reduced`
    where the daily loss rule did. `positions` is how many were held.
    """

    equity: Ints = field(converter=ints, eq=same, repr=False)
    cash: Ints = field(converter=ints, eq=same, repr=False)
    gross: Ints = field(converter=ints, eq=same, repr=False)
    positions: Ints = field(converter=ints, eq=same, repr=False)
    halted: Ints = field(converter=ints, eq=same, repr=False)
    reduced: Ints = field(converter=ints, eq=same, repr=False)
    fills: Ints = field(converter=ints, eq=same, repr=False)
    fees: int = 0
    borrow: int = 0
