"""What the compiled step works on, and where it keeps what in arrays of whole numbers.

Amounts are in units of 1/10,000 dollar, shares of them in millionths, times in microseconds.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Ints

# A position, and how it is to end; quantity 0 where there is none.
QUANTITY: Final = 0
STOP: Final = 1
TARGET: Final = 2
UNTIL: Final = 3
BEST: Final = 4
LAST: Final = 5
EXIT: Final = 6
EXIT_ROW: Final = 7
TOUCHED: Final = 8
# The last position: whether there was one, when it ended, and whether by a stop.
ENDED: Final = 9
ENDED_AT: Final = 10
STOPPED: Final = 11
# An entry that waits; quantity 0 where there is none.
WANTED: Final = 12
REF: Final = 13
WANTED_STOP: Final = 14
WANTED_TARGET: Final = 15
WANTED_UNTIL: Final = 16
WANTED_ROW: Final = 17
# What may still be filled in this row.
ROOM: Final = 18
STATES: Final = 19

# The account.
CASH: Final = 0
EQUITY: Final = 1
GROSS: Final = 2
HIGH: Final = 3
OPENED: Final = 4
SESSION: Final = 5
REDUCED: Final = 6
HALTED: Final = 7
FEES: Final = 8
BORROW: Final = 9
HELD: Final = 10
WAITING: Final = 11
FILLS: Final = 12
ROW: Final = 13
# How many positions have ended in this row.
LEFT: Final = 14
ACCOUNTS: Final = 15

# The plan.
HALF: Final = 0
SLIPPAGE: Final = 1
PARTICIPATION: Final = 2
BORROW_RATE: Final = 3
PER_SHARE: Final = 4
MINIMUM: Final = 5
SEC: Final = 6
TAF: Final = 7
TAF_MOST: Final = 8
RISK: Final = 9
ORDER_CAP: Final = 10
ORDER: Final = 11
ADV: Final = 12
SYMBOL: Final = 13
GROSS_SHARE: Final = 14
POSITIONS: Final = 15
COLLAR: Final = 16
COOLDOWN: Final = 17
STOP_COOLDOWN: Final = 18
DAILY_LOSS: Final = 19
DRAWDOWN: Final = 20
SHORT: Final = 21
STOPS: Final = 22
TARGETS: Final = 23
TRAIL: Final = 24
HORIZON: Final = 25
HOLD_CLOSES: Final = 26
PATIENCE: Final = 27
PARAMS: Final = 28


class Book(NamedTuple):
    """The account and all that belongs to it; a tuple, because numba knows what that is.

    `state` (STATES, N) has a column for each symbol, since most rules look at one or two numbers of
    many symbols; `held` (N) the symbols with a position in the
    panel's order, `waiting` (N) those of entries in the order they were decided in; how many there
    are says the `account` (ACCOUNTS). `params` (PARAMS) is the plan, `fills` (F, 9) the record.
    `candidates` (N) is scratch.
    """

    state: Ints
    held: Ints
    waiting: Ints
    candidates: Ints
    account: Ints
    params: Ints
    fills: Ints


class Table(NamedTuple):
    """Bars (T, N) and what the strategy says at their close; a price of 0 is no bar.

    `known` and `session` are (T). A plan that needs no `stray`, or no `adv`, leaves it empty.
    """

    known: Ints
    session: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    direction: npt.NDArray[np.int8]
    confidence: npt.NDArray[np.int16]
    stray: npt.NDArray[np.int32]
    adv: Ints
