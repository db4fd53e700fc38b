"""A trader among fakes, ready to be driven."""

import asyncio
from datetime import datetime
from decimal import Decimal

import pytest
from attrs import define, field

from argo_core.codec.trading import read_fact
from argo_core.execution.policy import TradingPolicy
from argo_core.execution.trader import Trader
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import SessionTable
from argo_core.signals.signal import Signal
from argo_core.testing.fake_broker import FakeBroker
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_journal import FakeJournal
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_tracer import FakeTracer
from argo_core.testing.trading_stage import CALENDAR, Indices, quote_of, signal_of, trader_of
from argo_core.trading.order import Leg, Status
from argo_core.trading.paper.fees import FeeSchedule
from argo_core.trading.paper.settings import PaperSettings

FREE = FeeSchedule(per_share=Decimal(0), minimum=Decimal(0), sec=Decimal(0), taf=Decimal(0))
SETTINGS = PaperSettings(name="fake", fees=FREE, quote_size=Decimal(1_000))


@define
class Pit:
    """Everything a trader needs; `trader` may be ended and made anew."""

    clock: FakeClock = field(factory=FakeClock)
    observer: FakeObserver = field(factory=FakeObserver)
    journal: FakeJournal = field(factory=FakeJournal)
    policy: TradingPolicy = field(factory=TradingPolicy)
    calendar: SessionTable = CALENDAR
    indices: Indices = field(factory=Indices)
    tracer: FakeTracer = field(factory=FakeTracer)
    quotes: dict[Symbol, Quote] = field(factory=dict)
    broker: FakeBroker = field(init=False)
    trader: Trader = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.broker = FakeBroker(self.clock, SETTINGS)

    def unopened(self) -> Trader:
        return trader_of(
            self.broker,
            self.journal,
            self.clock,
            self.observer,
            self.policy,
            calendar=self.calendar,
            tracer=self.tracer,
        )

    async def begin(self) -> Trader:
        self.trader = self.unopened()
        await self.trader.open()
        await self.wait(0)
        await self.wait(1)
        return self.trader

    async def restart(self, *standing) -> Trader:
        """The process is killed, and another one takes over; the engine shows what stands."""
        self.trader.abandon()
        await self.clock.settle()
        self.journal = self.journal.reopened()
        self.trader = self.unopened()
        await self.trader.open()
        self.trader.taken_up(standing)
        await self.wait(0)
        await self.wait(1)
        return self.trader

    async def again(self, policy: TradingPolicy) -> Trader:
        """Restarted under another policy."""
        self.policy = policy
        return await self.restart()

    async def until(self, moment: datetime) -> None:
        await self.wait((moment - self.clock.now()).total_seconds())

    async def wait(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        await self.rest()

    async def rest(self) -> None:
        """Until everything was looked at; not so where the broker takes its time."""
        for _ in range(2):
            await self.clock.settle()
            if not self.broker.seconds:
                await self.trader.settled()

    async def price(self, symbol: str, mid: str, *signals, volume=None) -> None:
        """A cycle with that price, which the broker sees first."""
        quote = quote_of(symbol, Decimal(mid), self.clock.now())
        self.quotes[quote.symbol] = quote
        self.broker.quote(symbol, str(quote.bid), str(quote.ask), volume)
        await self.rest()
        self.trader.seen(self.indices.seen(self.clock.now(), dict(self.quotes), *signals))
        await self.rest()

    async def signal(self, symbol: str = "AAPL", mid: str = "100", **more) -> Signal:
        """A cycle with a signal at that price; what it led to was not filled yet."""
        signal = signal_of(symbol, self.clock.now(), **more)
        await self.price(symbol, mid, signal)
        return signal

    async def buy(self, symbol: str = "AAPL", mid: str = "100", **levels: str) -> None:
        """A BUY signal that is followed, and filled at the next price."""
        await self.price(symbol, mid)
        await self.price(symbol, mid, signal_of(symbol, self.clock.now(), **levels))
        await self.wait(1)
        await self.price(symbol, mid)

    async def wish(self, asked):
        """What an operator is answered."""
        asking = asyncio.ensure_future(asked)
        await self.clock.settle()
        await self.wait(1)
        return await asking

    def facts(self, kind):
        """What the journal has of that kind."""
        every = map(read_fact, self.journal.lines)
        return [one for one in every if isinstance(one, kind)]

    def calls(self, name: str) -> list[str]:
        """What the broker was asked about under that name."""
        return [about for call, about in self.broker.calls if call == name]

    def orders(self, leg: Leg, *statuses: Status):
        every = self.trader.book.orders.values()
        return [one for one in every if one.leg is leg and (not statuses or one.status in statuses)]

    def at_broker(self):
        """What is open at the broker, whatever we know of it."""
        return self.broker.house.orders()

    def said(self, kind):
        return [one for one in self.observer.events if isinstance(one, kind)]


@pytest.fixture
def fresh():
    """Nobody has begun yet."""
    return Pit()


@pytest.fixture
async def pit():
    pit = Pit()
    await pit.begin()
    yield pit
    await pit.trader.stop()
