"""What a position is held for: when it ends, and how it is protected meanwhile."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from argo_core.market.instrument import Symbol
from argo_core.trading.order import Side


class ExitReason(StrEnum):
    """Why a position is closed, the most urgent first."""

    FLATTEN = "flatten"
    STOP = "stop"
    TIME = "time"
    TARGET = "target"
    SIGNAL = "signal"


@frozen
class Holding:
    """A position's plan, made with its entry from the signal `signal_id` at `signal_index`.

    `side` is the entry's. `stop` and `target` are prices; `trail` is the distance in which the stop
    follows the best price, None where it does not; `best` is that price. After `until` it ends.
    `exit` is set once it is to be closed, and stays so.
    """

    symbol: Symbol
    side: Side
    signal_id: str
    signal_index: int | None
    stop: Decimal
    target: Decimal | None
    until: datetime
    best: Decimal
    trail: Decimal | None = None
    exit: ExitReason | None = None
