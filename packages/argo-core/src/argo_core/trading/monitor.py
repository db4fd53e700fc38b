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

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.trading.exits import exit_of
from argo_core.trading.holding import ExitReason, Holding
from argo_core.trading.order import Side, positive
from argo_core.trading.splits import convert_holding
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

    def __attrs_post_init__(self) -> None:
        if not 0 < self.lowest < 1 < self.highest:
            problem = f"{self.lowest} to {self.highest} times the price"
            raise InvalidInput("lowest", problem, "give a band around 1")
        for name in ("widest", "step"):
            positive(name, getattr(self, name))
        for name in ("oldest", "ahead", "night"):
            if getattr(self, name) <= timedelta(0):
                problem = f"{getattr(self, name)} is not positive"
                raise InvalidInput(name, problem, "give some seconds")


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
    """`price` is absurdly far from `reference`, the last of the day before: nothing is fired."""

    symbol: Symbol
    price: Decimal
    reference: Decimal


Found: TypeAlias = Hit | StopMoved | PriceJump


@define
class _Watch:
    """One holding. Between `low` and `high`, and before its time is over, nothing can happen."""

    holding: Holding
    quantity: Decimal
    tick: Decimal
    step: Decimal
    reference: Decimal | None
    at: datetime
    idle: bool = field(init=False)
    long: bool = field(init=False)
    until: datetime = field(init=False)
    low: Decimal = field(init=False)
    high: Decimal = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.take(self.holding)
        self.arm(self.quantity)

    def arm(self, quantity: Decimal) -> None:
        """So many shares are filled; there is nothing to judge without any, or while it ends."""
        self.quantity = quantity
        self.idle = not quantity or self.holding.exit is not None

    def take(self, holding: Holding) -> None:
        """Put the plan as it is now, and the fence around the prices at which nothing happens."""
        self.holding, self.until = holding, holding.until
        self.long = holding.side is Side.BUY
        none = _NOWHERE if self.long else -_NOWHERE
        won = none if holding.target is None else holding.target
        if holding.trail is not None:
            # Before this the stop cannot have moved by a step, however the tick rounds it.
            moves = holding.stop + (self.step + holding.trail) * holding.side.sign
            won = min(won, moves) if self.long else max(won, moves)
            if (holding.best - moves) * holding.side.sign >= 0:
                won = -none
        self.low, self.high = (holding.stop, won) if self.long else (won, holding.stop)


@define
class Monitor:
    """Open holdings by symbol, and what quotes do to them. One task owns it."""

    policy: MonitorPolicy = field(factory=MonitorPolicy)
    _watches: dict[Symbol, _Watch] = field(factory=dict, init=False)
    # Every quote asks for these, so they are at hand.
    _youngest: timedelta = field(init=False)
    _oldest: timedelta = field(init=False)
    _night: timedelta = field(init=False)
    _widest: Decimal = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._youngest, self._oldest = -self.policy.ahead, self.policy.oldest
        self._night, self._widest = self.policy.night, self.policy.widest

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
        seen here; for a new symbol, or a plan that a split has converted, it is the best price.

        Raises:
            InvalidInput: the quantity is negative or no number, tick or close are not positive.
        """
        _check("quantity", quantity)
        positive("tick", tick)
        step = max(tick, (holding.trail or tick) * self.policy.step)
        known = self._watches.get(holding.symbol)
        if close is None:
            close = known.reference if known and self._keeps(known, holding) else holding.best
        else:
            positive("close", close)
        at = _NEVER if known is None else known.at
        self._watches[holding.symbol] = _Watch(holding, quantity, tick, step, close, at)

    def arm(self, symbol: Symbol, quantity: Decimal) -> None:
        """So many shares of what is watched are filled now.

        Raises:
            InvalidInput: the quantity is negative or no number, or nothing is watched.
        """
        self._watched(symbol).arm(_check("quantity", quantity))

    def drop(self, symbol: Symbol) -> None:
        """Watch it no more."""
        self._watches.pop(symbol, None)

    def accept(self, symbol: Symbol) -> None:
        """Take the next price as it is, however far it jumped.

        Raises:
            InvalidInput: nothing is watched.
        """
        self._watched(symbol).reference = None

    def split(self, symbol: Symbol, new: Decimal, old: Decimal) -> Decimal:
        """Convert what is watched to the prices and whole shares after a split; those shares.

        Raises:
            InvalidInput: nothing is watched, or a side of the ratio is not positive.
        """
        watch = self._watched(symbol)
        holding = convert_holding(watch.holding, new, old, watch.tick)
        quantity = watch.quantity * new // old
        close = None if watch.reference is None else watch.reference * old / new
        self.hold(holding, quantity, tick=watch.tick, close=close)
        return quantity

    @property
    def holdings(self) -> Mapping[Symbol, Holding]:
        """What is watched, with stops where they are now."""
        return {symbol: watch.holding for symbol, watch in self._watches.items()}

    def armed(self, symbol: Symbol) -> Decimal:
        """How many shares a hit would close; 0 for what is not watched."""
        watch = self._watches.get(symbol)
        return Decimal(0) if watch is None else watch.quantity

    def on_quote(self, quote: Quote, now: datetime) -> Found | None:
        """What the quote does: a hit before a stop that moved.

        Hits and jumps are told again by every quote until they are acted upon, by `hold` with an
        exit decided, `drop`, `split` or `accept`.
        """
        watch = self._watches.get(quote.symbol)
        if watch is None or watch.idle:
            return None
        at, last = quote.at, watch.at
        if at <= last or not self._youngest <= now - at <= self._oldest:
            return None
        bid, ask = quote.bid, quote.ask
        price = bid if watch.long else ask
        if price is None or (bid is not None and ask is not None and self._is_wide(bid, ask)):
            price = quote.price
        if at - last >= self._night and (jump := self._jump(watch, price)) is not None:
            return jump
        watch.at, watch.reference = at, price
        if watch.low < price < watch.high and now < watch.until:
            return None
        return self._judge(watch, price, now)

    def due(self, now: datetime) -> tuple[Hit, ...]:
        """The holdings whose time is over, whether or not there are quotes."""
        return tuple(
            Hit(one.holding, ExitReason.TIME, one.quantity, None)
            for one in self._watches.values()
            if now >= one.until and not one.idle
        )

    def _is_wide(self, bid: Decimal, ask: Decimal) -> bool:
        return ask - bid > bid * self._widest

    def _keeps(self, known: _Watch, holding: Holding) -> bool:
        # A price that anybody accepts, or one on the scale of the plan as it is now.
        best = known.holding.best
        return (
            known.reference is None
            or self.policy.lowest * best <= holding.best <= self.policy.highest * best
        )

    def _jump(self, watch: _Watch, price: Decimal) -> PriceJump | None:
        reference = watch.reference
        if reference is None or (
            self.policy.lowest * reference <= price <= self.policy.highest * reference
        ):
            return None
        return PriceJump(watch.holding.symbol, price, reference)

    def _judge(self, watch: _Watch, price: Decimal, now: datetime) -> Found | None:
        stop = watch.holding.stop
        holding = trailed(watch.holding, price, watch.tick, watch.step)
        watch.take(holding)
        reason = exit_of(holding, price, now)
        if reason is not None:
            return Hit(holding, reason, watch.quantity, price)
        return StopMoved(holding, price) if holding.stop != stop else None

    def _watched(self, symbol: Symbol) -> _Watch:
        watch = self._watches.get(symbol)
        if watch is None:
            raise InvalidInput("symbol", f"{symbol} is not watched", "hold it first")
        return watch


def narrow_mid(quote: Quote, widest: Decimal) -> Decimal | None:
    """Halfway between bid and ask; None where a side is missing or they are too far apart."""
    bid, ask = quote.bid, quote.ask
    if bid is None or ask is None or ask - bid > bid * widest:
        return None
    return (bid + ask) / 2


def _check(name: str, quantity: Decimal) -> Decimal:
    if not quantity.is_finite() or quantity < 0:
        raise InvalidInput(name, f"{quantity} shares", "give nothing or a positive decimal")
    return quantity
