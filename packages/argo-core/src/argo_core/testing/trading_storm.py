"""Seeded bad days of a trader: crashes at every step, lost answers, a stream that lies, gaps.

A storm drives a trader over a market for a while, then lets it come to rest, and then compares what
the broker really has with what a risk officer was promised.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol, TypeVar

from attrs import define, field

from argo_core.consensus.reasons import Direction
from argo_core.execution.policy import TradingPolicy
from argo_core.execution.trader import Trader
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Session
from argo_core.ports import Broker, Calendar, Clock, TradingJournal
from argo_core.signals.signal import Signal
from argo_core.testing.dice import Dice
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.trading_audit import Truth, complaints
from argo_core.testing.trading_stage import SYMBOLS, Indices, quote_of, signal_of, trader_of
from argo_core.trading.broker_view import (
    BrokerAccount,
    BrokerOrder,
    BrokerPosition,
    BrokerUpdate,
    CashFlow,
    Split,
    StreamGap,
)
from argo_core.trading.fact import Fact, Numbered
from argo_core.trading.limits import RiskLimits
from argo_core.trading.order import OrderRequest

T = TypeVar("T")
CALM_S = 5
"""Seconds between two prices."""

MINUTE_S = 65
"""A comparison of the books comes within it."""

_FAR = Decimal("1.01")
# A storm is short, so nothing rests.
BUSY = RiskLimits(
    cooldown=timedelta(0),
    stop_cooldown=timedelta(0),
    stops=1_000,
    orders_per_minute=1_000,
    symbol_orders_per_minute=1_000,
    orders_per_day=10_000,
    daily_loss_reduce=Decimal("0.5"),
    daily_loss_halt=Decimal("0.5"),
    drawdown_halt=Decimal("0.5"),
)


class CrashError(BaseException):
    """The process dies here; nothing of what follows happens."""


@define
class Fuse:
    """Burns down with every step that a trader takes outside, and then kills it."""

    left: int | None = None
    steps: int = 0

    def burn(self) -> None:
        """One more step.

        Raises:
            CrashError: it was the last.
        """
        self.steps += 1
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise CrashError(f"at step {self.steps}")


class FusedJournal:
    """A journal whose user may die before it wrote, and after."""

    def __init__(self, journal: TradingJournal, fuse: Fuse) -> None:
        self._journal = journal
        self._fuse = fuse

    async def append(self, facts: Sequence[Fact]) -> tuple[Numbered, ...]:
        self._fuse.burn()
        written = await self._journal.append(facts)
        self._fuse.burn()
        return written

    async def facts(self, after: int = 0, limit: int = 1_000) -> tuple[Numbered, ...]:
        return await self._journal.facts(after, limit)

    async def of_order(self, order_id: str) -> tuple[Numbered, ...]:
        return await self._journal.of_order(order_id)


class FusedBroker:
    """A broker whose user may die before it asked, and after it was answered."""

    def __init__(self, broker: Broker, fuse: Fuse) -> None:
        self._broker = broker
        self._fuse = fuse

    @property
    def name(self) -> str:
        return self._broker.name

    async def submit(self, request: OrderRequest) -> BrokerOrder:
        return await self._fused(lambda: self._broker.submit(request))

    async def cancel(self, broker_id: str) -> None:
        await self._fused(lambda: self._broker.cancel(broker_id))

    async def replace(self, broker_id: str, request: OrderRequest) -> BrokerOrder:
        return await self._fused(lambda: self._broker.replace(broker_id, request))

    async def order(self, id: str) -> BrokerOrder | None:  # noqa: A002 - it is the order's id
        return await self._fused(lambda: self._broker.order(id))

    async def orders(self, since: datetime | None = None) -> tuple[BrokerOrder, ...]:
        return await self._fused(lambda: self._broker.orders(since))

    async def positions(self) -> tuple[BrokerPosition, ...]:
        return await self._fused(self._broker.positions)

    async def account(self) -> BrokerAccount:
        return await self._fused(self._broker.account)

    async def flows(self, since: datetime) -> tuple[CashFlow, ...]:
        return await self._fused(lambda: self._broker.flows(since))

    async def sessions(self, first: date, last: date) -> tuple[Session, ...] | None:
        return await self._fused(lambda: self._broker.sessions(first, last))

    async def splits(self, symbols: Sequence[Symbol], first: date, last: date) -> tuple[Split, ...]:
        return await self._fused(lambda: self._broker.splits(symbols, first, last))

    def updates(self) -> AsyncIterator[BrokerUpdate | StreamGap]:
        return self._broker.updates()

    async def _fused(self, call: Callable[[], Awaitable[T]]) -> T:
        self._fuse.burn()
        answer = await call()
        self._fuse.burn()
        return answer


class StormyWorld(Protocol):
    """A broker in a market, both of which can be troubled."""

    @property
    def clock(self) -> Clock: ...

    @property
    def calendar(self) -> Calendar: ...

    @property
    def troubles(self) -> Sequence[str]:
        """What `trouble` knows; one of them for each time."""
        ...

    def connect(self) -> Broker:
        """What a new life finds."""
        ...

    async def reopen(self) -> TradingJournal:
        """The journal as a new life finds it."""
        ...

    async def leave(self, broker: Broker) -> None:
        """A life ended, in whatever way."""
        ...

    def trouble(self, name: str) -> None:
        """From now on, or the next few times, things go wrong like that."""
        ...

    def heal(self) -> None:
        """Nothing goes wrong any more, and what was held back is told."""
        ...

    async def quote(self, symbol: str, mid: Decimal, shares: Decimal | None) -> None:
        """A price at the market, at which so many shares can be had at most, None for any."""
        ...

    async def advance(self, seconds: float) -> None:
        """Let time pass, and whatever is under way happen."""
        ...

    async def truth(self) -> Truth:
        """What the broker really has."""
        ...


@define
class Storm:
    """One seeded bad day; `lives` is how many processes it took."""

    seed: int
    world: StormyWorld
    policy: TradingPolicy = field(init=False)
    trader: Trader = field(init=False)
    lives: int = 0
    observer: FakeObserver = field(factory=FakeObserver)
    _broker: Broker = field(init=False)
    _fuse: Fuse = field(factory=Fuse)
    _dice: Dice = field(init=False)
    _indices: Indices = field(factory=Indices)
    _quotes: dict[Symbol, Quote] = field(factory=dict)
    _mids: dict[str, Decimal] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._dice = Dice("storm", self.seed)
        trail = Decimal("0.01") if self._dice.under(0.5) else None
        self.policy = TradingPolicy(limits=BUSY, trail=trail)
        self._mids = dict.fromkeys(SYMBOLS, Decimal(100))

    async def rage(self, cycles: int) -> None:
        """So many cycles of prices, signals, troubles and crashes."""
        await self._live()
        for _ in range(cycles):
            await self._cycle()

    async def calm(self, seconds: int) -> None:
        """Nothing goes wrong any more, and time passes; the trader has no excuse left."""
        self.world.heal()
        self._fuse.left = None
        await self._price(None)
        if self._is_dead:
            await self._live()
        for _ in range(seconds // CALM_S):
            await self._price(None)

    async def audit(self) -> list[str]:
        """What an auditor finds. A position may end at that very moment, so he looks twice.

        What is still so after the next comparison of the books counts.
        """
        found = complaints(self.trader, await self.world.truth())
        if found:
            await self.calm(MINUTE_S)
            found = complaints(self.trader, await self.world.truth())
        return found

    async def end(self) -> None:
        """The last life ends as it should."""
        await self.trader.stop()
        await self.world.leave(self._broker)

    async def _cycle(self) -> None:
        dice = self._dice
        if dice.under(0.25):
            self.world.trouble(dice.pick(self.world.troubles))
        if dice.under(0.15):
            self.world.heal()
        if dice.under(0.15):
            self._fuse.left = dice.below(12)
        for symbol in SYMBOLS:
            step = dice.below(61) - 30 if dice.under(0.97) else dice.below(601) - 300
            self._mids[symbol] = max(Decimal(50), self._mids[symbol] + Decimal(step) / 100)
        signals = [self._signal(symbol) for symbol in SYMBOLS if dice.under(0.15)]
        shares = Decimal(dice.below(40)) if dice.under(0.4) else None
        await self._price(shares, *signals)
        if dice.under(0.03):
            await self._order()
        if self._is_dead or dice.under(0.02):
            await self._live()

    def _signal(self, symbol: str) -> Signal:
        mid = self._mids[symbol]
        direction = self._dice.pick([Direction.BUY, Direction.BUY, Direction.SELL])
        up = direction is Direction.BUY
        return signal_of(
            symbol,
            self.world.clock.now(),
            direction=direction,
            price=str(mid),
            stop=str(_cents(mid * (2 - _FAR if up else _FAR))),
            target=str(_cents(mid * (_FAR if up else 2 - _FAR))),
            horizon_s=self._dice.pick([60, 300, 3_600]),
        )

    async def _price(self, shares: Decimal | None, *signals: Signal) -> None:
        await self.world.advance(CALM_S / 2)
        for symbol, mid in self._mids.items():
            await self.world.quote(symbol, mid, shares)
            quote = quote_of(symbol, mid, self.world.clock.now())
            self._quotes[quote.symbol] = quote
        now = self.world.clock.now()
        self.trader.seen(self._indices.seen(now, dict(self._quotes), *signals))
        await self.world.advance(CALM_S / 2)
        await self.check()

    async def _order(self) -> None:
        """An operator is busy, too; what is answered after a crash nobody hears."""
        trader, why = self.trader, "to see what happens"
        wish = self._dice.pick(["halt", "resume", "flatten", "resume"])
        wishes: dict[str, Callable[[str], Awaitable[object]]] = {
            "halt": trader.halt,
            "resume": trader.resume,
            "flatten": trader.flatten,
        }
        asking = asyncio.ensure_future(wishes[wish](why))
        await self.world.advance(1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    async def check(self) -> None:
        """What holds at every moment, whatever is going on."""
        book = self.trader.book
        if self._is_dead:
            return
        for symbol, holding in book.holdings.items():
            armed = self.trader.armed(symbol)
            held = abs(book.quantity(symbol))
            assert armed == held, (self.seed, symbol, armed, held, holding)  # noqa: S101

    @property
    def _is_dead(self) -> bool:
        return self.trader.is_over

    async def _live(self) -> None:
        """A new process takes over what the one before left behind."""
        if self.lives:
            self.trader.abandon()
            await self.world.leave(self._broker)
        self.lives += 1
        self._broker = self.world.connect()
        journal = FusedJournal(await self.world.reopen(), self._fuse)
        self.trader = trader_of(
            FusedBroker(self._broker, self._fuse),
            journal,
            self.world.clock,
            self.observer,
            self.policy,
            calendar=self.world.calendar,
        )
        try:
            await self.trader.open()
        except CrashError:
            await self._live()


def _cents(price: Decimal) -> Decimal:
    return price.quantize(Decimal("0.01"))
