"""A station whose signals are traded: a real trader, with a broker and a journal in memory."""

from collections.abc import AsyncIterator, Callable
from decimal import Decimal

import pytest
from attrs import define, field

from argo_core.execution.trader import Trader
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.signals.signal import Signal
from argo_core.testing.fake_broker import FakeBroker
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_journal import FakeJournal
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.trading_stage import Indices, quote_of, signal_of, trader_of
from argo_core.trading.paper.fees import NO_FEES
from argo_core.trading.paper.settings import PaperSettings

SETTINGS = PaperSettings(name="fake", fees=NO_FEES, quote_size=Decimal(1_000))


@define
class Floor:
    """A trader and all that it needs."""

    clock: FakeClock
    broker: FakeBroker
    journal: FakeJournal
    trader: Trader
    observer: FakeObserver
    indices: Indices = field(factory=Indices)
    quotes: dict[Symbol, Quote] = field(factory=dict)

    async def begin(self) -> None:
        """Open it, and let it read the broker's books."""
        await self.trader.open()
        await self.wait(1)

    async def wait(self, seconds: float) -> None:
        """Let time pass, and everything that follows happen."""
        await self.clock.advance(seconds)
        await self.trader.settled()
        await self.clock.settle()
        await self.trader.settled()

    async def price(self, symbol: str, mid: str, *signals: Signal) -> None:
        """A cycle with that price, which the broker sees first, and these signals."""
        quote = quote_of(symbol, Decimal(mid), self.clock.now())
        self.quotes[quote.symbol] = quote
        self.broker.quote(symbol, str(quote.bid), str(quote.ask))
        await self.wait(0)
        self.trader.seen(self.indices.seen(self.clock.now(), dict(self.quotes), *signals))
        await self.wait(0)

    async def buy(self, symbol: str = "AAPL", mid: str = "100") -> None:
        """A signal to buy, followed and filled."""
        await self.price(symbol, mid)
        await self.price(symbol, mid, signal_of(symbol, self.clock.now()))
        await self.wait(1)
        await self.price(symbol, mid)


def floor_of(clock: FakeClock) -> Floor:
    """A trader that has not begun."""
    broker, journal, observer = FakeBroker(clock, SETTINGS), FakeJournal(), FakeObserver()
    trader = trader_of(broker, journal, clock, observer)
    return Floor(clock, broker, journal, trader, observer)


@pytest.fixture
def make_floor() -> Callable[[FakeClock], Floor]:
    """What makes a floor on which nothing has begun."""
    return floor_of


@pytest.fixture
async def floor(clock: FakeClock) -> AsyncIterator[Floor]:
    """A trader that has read the broker's books."""
    floor = floor_of(clock)
    await floor.begin()
    yield floor
    await floor.trader.stop()


@pytest.fixture
def trader(floor: Floor) -> Trader:
    """Who trades at the station."""
    return floor.trader
