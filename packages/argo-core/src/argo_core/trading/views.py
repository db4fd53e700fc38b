"""What risk rules look at: frozen pictures, so that a rule can be shown what it saw."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import field, frozen

from argo_core.errors import InvalidInput
from argo_core.market.instrument import AssetClass, Symbol
from argo_core.market.moment import aware
from argo_core.market.quote import HIGHEST, Quote
from argo_core.market.session import Phase, Session
from argo_core.trading.order import Side, positive
from argo_core.trading.state import TradingState


def _amount(name: str, value: Decimal) -> None:
    # Comparisons with what is not a number are neither true nor false: no rule may meet one.
    if not value.is_finite() or abs(value) >= HIGHEST:
        raise InvalidInput(name, f"{value} is no amount", f"give a finite decimal below {HIGHEST}")


def _count(name: str, value: Decimal) -> None:
    _amount(name, value)
    if value < 0:
        raise InvalidInput(name, f"{value} is negative", "give zero or more")


@frozen
class Proposal:
    """An order that somebody wants to send. `opens` is False where it only shrinks a position.

    `quantity` is 0 where the sizing left nothing. `limit` is its price, or the reference price
    where it has none; `stop` is where the position would be closed at a loss, `target` where at a
    profit, None where it has no such price. `decided_at` and `horizon_s` are its signal's.
    """

    symbol: Symbol
    asset_class: AssetClass
    side: Side
    quantity: Decimal
    limit: Decimal
    opens: bool
    stop: Decimal | None = None
    signal_id: str = ""
    decided_at: datetime | None = None
    horizon_s: int = 0
    target: Decimal | None = None

    def __attrs_post_init__(self) -> None:
        _count("quantity", self.quantity)
        _amount("limit", positive("limit", self.limit))
        for name, price in (("stop", self.stop), ("target", self.target)):
            if price is not None:
                _amount(name, positive(name, price))
        if self.decided_at is not None:
            aware("decided_at", self.decided_at)
        if self.horizon_s < 0:
            raise InvalidInput("horizon_s", f"{self.horizon_s} is negative", "give zero or more")


@frozen
class MarketView:
    """The market of one symbol.

    `second` is another feed's newest price, `adv` the average value traded in a day over 20 days,
    each None where nobody knows. `session` is today's, None when there is none; `halted` says that
    the exchange has stopped trading it.
    """

    quote: Quote | None
    phase: Phase
    session: Session | None = None
    second: Quote | None = None
    adv: Decimal | None = None
    sector: str = "unknown"
    halted: bool = False

    def __attrs_post_init__(self) -> None:
        if self.adv is not None:
            _count("adv", self.adv)

    @property
    def mid(self) -> Decimal | None:
        """Halfway between bid and ask, or the last price where a side is missing."""
        if self.quote is None:
            return None
        if self.quote.bid is None or self.quote.ask is None:
            return self.quote.price
        return (self.quote.bid + self.quote.ask) / 2


@frozen
class OpenOrder:
    """An order that may still be filled: `remaining` shares at `price`, its reserve."""

    symbol: Symbol
    side: Side
    remaining: Decimal
    price: Decimal
    opens: bool

    def __attrs_post_init__(self) -> None:
        _count("remaining", self.remaining)
        _amount("price", positive("price", self.price))


@frozen
class Placed:
    """An order that was sent, for the rates. Protection and exits are not entries."""

    at: datetime
    symbol: Symbol
    opens: bool


@frozen
class Closed:
    """A position that ended, for the cooldowns; `stopped` at a loss by its stop."""

    at: datetime
    symbol: Symbol
    stopped: bool


@frozen
class AccountView:
    """The account as the rules see it; money in quote currency, prices are marks.

    `equity` is marked and net of fees (E), `opened` the equity at the official close before (E0),
    `flows` what came in from outside since (F), `high` the flow-adjusted high-water mark (HWM).
    `buying_power` is what could be spent if none of `orders` was open: the rules subtract what
    those reserve. `placed` reaches back 24 hours at least, `closed` as far as `stops_within` and
    `stops_rest` of the limits together.
    """

    state: TradingState
    equity: Decimal
    opened: Decimal
    flows: Decimal
    high: Decimal
    buying_power: Decimal
    positions: Mapping[Symbol, Decimal] = field(factory=dict)
    marks: Mapping[Symbol, Decimal] = field(factory=dict)
    sectors: Mapping[Symbol, str] = field(factory=dict)
    orders: tuple[OpenOrder, ...] = ()
    placed: tuple[Placed, ...] = ()
    closed: tuple[Closed, ...] = ()

    def __attrs_post_init__(self) -> None:
        for name in ("equity", "opened", "flows", "high", "buying_power"):
            _amount(name, getattr(self, name))
        for symbol, quantity in self.positions.items():
            _amount(f"positions.{symbol}", quantity)
        for symbol, mark in self.marks.items():
            _amount(f"marks.{symbol}", positive(f"marks.{symbol}", mark))
