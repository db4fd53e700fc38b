"""The engine's own copy of every stop and target: the backup of those at the broker.

A quote is judged once, if its exchange's time is newer than that of the last one judged and not
too old. Longs are judged by the bid and shorts by the ask, which is what closing would bring; by
the last trade where that side is missing or the quote is so wide that it is no price.

Over a night shares may be split or a feed may change its mind, so the first price of a day that is
far from the last one of the day before fires nothing: it is told as a jump, until a split explains
it, an operator accepts it, or a price within reason comes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from attrs import define, field, frozen

from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.trading.exits import exit_of
from argo_core.trading.holding import ExitReason, Holding
from argo_core.trading.order import Side
from argo_core.trading.trailing import trailed

CENT = Decimal("0.01")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_NOWHERE = Decimal("Infinity")


@frozen(kw_only=True)
class MonitorPolicy:
    """Which quotes are judged, and how.

    Not those older than `oldest` by the exchange's time, nor those more than `ahead` of our clock.
    After a silence of `night` the price may be `lowest` to `highest` times the one before. A
    quote is no price when its ask is more than `widest` above its bid, as a share of the bid. A
    trailing stop moves by `step` of its trail at least.
    """

    oldest: timedelta = timedelta(seconds=60)
    ahead: timedelta = timedelta(seconds=5)
    night: timedelta = timedelta(hours=4)
    lowest: Decimal = Decimal("0.65")
    highest: Decimal = Decimal("1.55")
    widest: Decimal = Decimal("0.05")
    step: Decimal = Decimal("0.1")


@frozen
class Hit:
    """`quantity` shares of `holding` are to be closed; `price` is None where time alone decided."""

    holding: Holding
    reason: ExitReason
    quantity: Decimal
    price: Decimal | None


@frozen
class StopMoved:
    """The trailing stop went to `holding.stop` at `price`; the broker's is to follow."""

    holding: Holding
    price: Decimal


@frozen
class PriceJump:
    """`price` is absurdly far from `reference`, the last one of the day before: nothing is fired."""

    symbol: Symbol
    price: Decimal
    reference: Decimal


Found: TypeAlias = Hit | StopMoved | PriceJump


@define
class _Watch:
    """One holding. Between `low` and `high`, and before `until`, nothing can happen."""

    holding: Holding
    quantity: Decimal
    tick: Decimal
    reference: Decimal | None
    at: datetime = _NEVER
    low: Decimal = _NOWHERE
    high: Decimal = _NOWHERE


@define
class Monitor:
    """Open holdings by symbol, and what quotes do to them. One task owns it."""

    policy: MonitorPolicy = field(factory=MonitorPolicy)
    _watches: dict[Symbol, _Watch] = field(factory=dict, init=False)

    def hold(
        self,
        holding: Holding,
        quantity: Decimal,
        *,
        tick: Decimal = CENT,
        close: Decimal | None = None,
    ) -> None:
        """Watch `holding` from now on, in place of what was watched of its symbol.

        `quantity` is what is filled of it, positive; with 0, or once its exit is decided, nothing
        is judged. `close` is the last price of the day before; without it that is what was last
        seen here, and for a new symbol the holding's best price.
        """

    def arm(self, symbol: Symbol, quantity: Decimal) -> None:
        """So many shares are filled now."""

    def drop(self, symbol: Symbol) -> None:
        """Watch it no more."""

    def accept(self, symbol: Symbol) -> None:
        """Take the next price as it is, however far it jumped."""

    @property
    def holdings(self) -> Mapping[Symbol, Holding]:
        """What is watched, with stops where they are now."""
        return {symbol: watch.holding for symbol, watch in self._watches.items()}

    def armed(self, symbol: Symbol) -> Decimal:
        """How many shares a hit would close; 0 for what is not watched."""
        return Decimal(0)

    def on_quote(self, quote: Quote, now: datetime) -> Found | None:
        """What the quote does: a hit before a stop that moved. Told again until it is acted upon."""
        return None

    def due(self, now: datetime) -> tuple[Hit, ...]:
        """The holdings whose time is over, whether or not there are quotes."""
        return ()
