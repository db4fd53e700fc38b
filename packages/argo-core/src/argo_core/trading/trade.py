"""What trading did, as the signal log has it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from argo_core.market.instrument import Symbol
from argo_core.trading.order import Side


class TradeEvent(StrEnum):
    """What happened to an order."""

    SUBMITTED = "submitted"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"


@frozen
class Trade:
    """One line of the record. `number` tells it apart: four times the fact's, and which of a fact's.

    `quantity` is the order's, or what was filled at `price` for `fee`. `signal_index` is where the
    log has the signal that opened the position.
    """

    number: int
    order_id: str
    symbol: Symbol
    side: Side
    event: TradeEvent
    quantity: Decimal
    broker: str
    at: datetime
    price: Decimal | None = None
    fee: Decimal | None = None
    signal_index: int | None = None
    execution_id: str | None = None
