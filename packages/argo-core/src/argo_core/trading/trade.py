"""What trading did, as the signal log has it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.schema import COUNT, WORD
from argo_core.market.instrument import Symbol
from argo_core.market.moment import aware
from argo_core.trading.order import Side

HIGHEST = 10**15
"""Amounts of a trade are smaller, so that the record can have them."""


class TradeEvent(StrEnum):
    """What happened to an order."""

    SUBMITTED = "submitted"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"


@frozen
class Trade:
    """One line of the record. `number` tells it apart: four times the fact's, plus which of its.

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

    def __attrs_post_init__(self) -> None:
        """Refuse what no entry can say: it would stand in the way of every later one."""
        aware("at", self.at)
        for name in ("order_id", "broker", "execution_id"):
            word = getattr(self, name)
            if word is not None and not WORD.admits(word):
                raise InvalidInput(name, f"{str(word)[:40]!r} is refused", f"give {WORD.says}")
        for name in ("quantity", "price", "fee"):
            value: Decimal | None = getattr(self, name)
            if value is not None and (not value.is_finite() or abs(value) >= HIGHEST):
                fix = f"give a finite decimal below {HIGHEST:,}"
                raise InvalidInput(name, f"{value} cannot be written down", fix)
        if self.signal_index is not None and not COUNT.admits(self.signal_index):
            raise InvalidInput("signal_index", f"{self.signal_index} is no index", "count from 0")
