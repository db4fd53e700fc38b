"""Orders and their ends, what holds trading back, and the market it listens to."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.market.instrument import Symbol
from argo_core.trading.denial import Denial
from argo_core.trading.order import Leg, Side, Status
from argo_core.trading.state import Cause, TradingState


@frozen
class OrderPlaced:
    """The broker has an order; `limit` is None where it takes any price."""

    symbol: Symbol
    at: datetime
    order_id: str
    side: Side
    leg: Leg
    quantity: Decimal
    limit: Decimal | None = None
    signal_id: str = ""


@frozen
class OrderFilled:
    """So many more shares of an order were executed; `realised` is what closing earned by it."""

    symbol: Symbol
    at: datetime
    order_id: str
    side: Side
    leg: Leg
    quantity: Decimal
    price: Decimal
    fee: Decimal = Decimal(0)
    realised: Decimal = Decimal(0)


@frozen
class OrderEnded:
    """An order will not be filled any further, having been filled `filled` shares; see `status`."""

    symbol: Symbol
    at: datetime
    order_id: str
    leg: Leg
    status: Status
    filled: Decimal
    problem: str = ""


@frozen
class OrderDenied:
    """The risk rules did not let an order be sent, for each of these reasons."""

    symbol: Symbol
    at: datetime
    order_id: str
    side: Side
    denials: tuple[Denial, ...]
    signal_id: str = ""


@frozen
class TradingStateChanged:
    """Trading is held back more, or less; `causes` stand now, `why` tells of the newest change."""

    at: datetime
    before: TradingState
    after: TradingState
    causes: tuple[Cause, ...]
    why: str


@frozen
class Reconciled:
    """The broker's books were compared with ours: `differences` are left, the first as `problem`.

    `seconds` is how long that took.
    """

    at: datetime
    seconds: float
    differences: int
    problem: str = ""


@frozen
class TradingAlarm:
    """Something that trading cannot put right by itself: somebody should look."""

    at: datetime
    problem: str
    symbol: Symbol | None = None


@frozen
class MarketHeard:
    """What the stream of market data told since the event before, and whether it is connected.

    `quotes` and `halts` were taken, `dropped` could not be believed. There is no event where
    nothing was told and nothing has changed.
    """

    at: datetime
    connected: bool
    quotes: int = 0
    halts: int = 0
    dropped: int = 0


TradingEvent = (
    OrderPlaced
    | OrderFilled
    | OrderEnded
    | OrderDenied
    | TradingStateChanged
    | Reconciled
    | TradingAlarm
    | MarketHeard
)
