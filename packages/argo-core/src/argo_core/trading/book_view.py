"""What our own book says, as reconciliation compares it with the broker's."""

from collections.abc import Mapping
from decimal import Decimal

from attrs import field, frozen

from argo_core.market.instrument import Symbol
from argo_core.trading.book_order import BookOrder
from argo_core.trading.order import Leg, Side, Status
from argo_core.trading.position import Position


@frozen
class OwnOrder:
    """One of our orders; `broker_id` is None until the broker was heard of it.

    `filled` shares so far cost `average` each, None while there are none, and `fees` in all.
    """

    id: str
    broker_id: str | None
    symbol: Symbol
    side: Side
    leg: Leg
    quantity: Decimal
    status: Status
    filled: Decimal = Decimal(0)
    average: Decimal | None = None
    fees: Decimal = Decimal(0)

    @classmethod
    def of(cls, order: BookOrder) -> "OwnOrder":
        """What reconciliation needs to know of an order in the book."""
        asked = order.request
        return cls(
            *(order.id, order.broker_id, asked.symbol, asked.side, order.leg, asked.quantity),
            *(order.status, order.filled, order.average, order.fees),
        )


@frozen
class BookView:
    """The book at one moment, which is before the broker was asked.

    `account` is the broker's id of it, empty while we do not know it. `orders` are by our id: those
    that are open, and ended ones of which the broker may still tell. `known` are the ids of all
    orders that are ours, those in `orders` and others. Of those `in_flight` the answer to a request
    is outstanding. `cash` is what should be there, and `fills` how many fills went into it since
    it was last the broker's.
    """

    account: str
    cash: Decimal
    orders: Mapping[str, OwnOrder] = field(factory=dict)
    positions: Mapping[Symbol, Position] = field(factory=dict)
    known: frozenset[str] = frozenset()
    in_flight: frozenset[str] = frozenset()
    fills: int = 0
