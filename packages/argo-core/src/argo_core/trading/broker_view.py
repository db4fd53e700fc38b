"""What a broker says: its orders, executions, positions and account, in our terms."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.market.instrument import Symbol
from argo_core.market.moment import aware
from argo_core.trading.order import OrderType, Side, Status


@frozen
class BrokerOrder:
    """An order as the broker has it.

    `id` is the client's order id; a bracket's legs have ids of the broker's making and name their
    entry's `broker_id` as `parent`. `filled` shares so far cost `average` each (None while there
    are none) and `fees` in all. A replaced order names its successor's broker id, and that one its
    predecessor's.
    """

    id: str
    broker_id: str
    symbol: Symbol
    side: Side
    type: OrderType
    quantity: Decimal
    status: Status
    at: datetime
    filled: Decimal = Decimal(0)
    average: Decimal | None = None
    fees: Decimal = Decimal(0)
    limit: Decimal | None = None
    stop: Decimal | None = None
    parent: str | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    problem: str | None = None

    def __attrs_post_init__(self) -> None:
        aware("at", self.at)


@frozen
class Execution:
    """One fill. `id` is the broker's, by which a message that comes twice is known."""

    id: str
    quantity: Decimal
    price: Decimal
    at: datetime
    fee: Decimal = Decimal(0)


@frozen
class BrokerUpdate:
    """A message of the broker's stream: the order as it is now, and what was just executed."""

    order: BrokerOrder
    execution: Execution | None = None


@frozen
class StreamGap:
    """The stream begins, or begins again: what happened before is to be read, nothing is told."""

    at: datetime


@frozen
class BrokerPosition:
    """Shares held, negative when sold short, and what one cost on average."""

    symbol: Symbol
    quantity: Decimal
    average: Decimal


@frozen
class BrokerAccount:
    """Money in quote currency. `last_equity` is the equity at the close of the session before.

    `blocked` says why the account may not trade, None if it may.
    """

    id: str
    cash: Decimal
    equity: Decimal
    last_equity: Decimal
    buying_power: Decimal
    blocked: str | None = None


@frozen
class CashFlow:
    """Money that came in (positive) or went out, not by an order. `id` is the broker's.

    What is `earned` by what is held or owed for it, such as dividends, interest and fees, is a gain
    or a loss; the rest came from outside and is neither.
    """

    id: str
    at: datetime
    amount: Decimal
    earned: bool = False


@frozen
class Split:
    """`new` shares for every `old` one, from the opening of the day that `at` begins."""

    symbol: Symbol
    at: datetime
    new: Decimal
    old: Decimal
