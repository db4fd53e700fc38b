"""Alpaca's broker keeps the promises of every broker, at the simulator's exchange."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import datetime
from decimal import Decimal

import pytest
from attrs import evolve

from argo_adapters.brokers.alpaca.broker import AlpacaBroker
from argo_adapters.brokers.alpaca.settings import AlpacaBrokerSettings
from argo_adapters.clocks.system import SystemClock
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.simulator.alpaca.trading.house import House, TradingPlan
from argo_adapters.simulator.app import HOUSE, Simulator, serving, simulate
from argo_adapters.tapes.file import shipped
from argo_core.backtest.tape import Tape
from argo_core.market.instrument import Symbol
from argo_core.testing.broker_contract import BrokerContract
from argo_core.testing.broker_world import AAPL, MSFT
from argo_core.testing.fake_clock import FakeClock
from argo_core.trading.broker_view import BrokerUpdate, StreamGap

pytest.importorskip("alpaca", reason="the extra argo-adapters[alpaca] is not installed")

pytestmark = pytest.mark.oracle

KEY = "simulator-key"
HOUR = 3_600


@pytest.fixture(scope="module")
def tape() -> Tape:
    """The ordinary day, with two of its stocks under other names."""
    recorded = shipped("ordinary-day")
    stocks = [one.symbol for one in recorded.instruments if "/" not in one.symbol]
    names = dict(zip(stocks, (AAPL, MSFT), strict=False))
    instruments = [evolve(one, symbol=names[one.symbol]) for one in recorded.instruments[:2]]
    bars = {
        names[old]: tuple(evolve(bar, symbol=names[old]) for bar in recorded.bars[old])
        for old in stocks[:2]
    }
    return evolve(recorded, instruments=tuple(instruments), bars=bars)


class Counted(AlpacaBroker):
    """Counts the updates that a listener has heard and done with."""

    heard = 0

    async def updates(self) -> AsyncIterator[BrokerUpdate | StreamGap]:
        async with aclosing(super().updates()) as updates:
            async for one in updates:
                yield one
                self.heard += isinstance(one, BrokerUpdate)


class SimulatedWorld:
    """A simulator whose symbols are halted but for the moment of a quote."""

    capital = Decimal(10_000)
    fees = False
    rations = True

    def __init__(self, simulator: Simulator, house: House, clock: FakeClock) -> None:
        self.simulator = simulator
        self.trading = simulator.trading
        self.clock = clock
        self.sent = 0
        self.broker = self._open()
        self._count(house)

    def now(self) -> datetime:
        return self.clock.now()

    async def quote(
        self, symbol: Symbol, bid: Decimal, ask: Decimal, at_most: Decimal | None = None
    ) -> None:
        self.trading.go_on()
        if at_most is not None:
            self.trading.parts(at_most)
        self.trading.quote(symbol, bid, ask)
        self.trading.resume(symbol)
        self.trading.halt(symbol)

    async def settle(self) -> None:
        self.trading.look()
        async with asyncio.timeout(20):
            while self.trading.listeners and self.broker.heard < self.sent:
                await SystemClock().sleep(0.002)

    async def pass_s(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        self.trading.look()

    async def restart(self) -> None:
        await self.broker.aclose()
        self.trading.restart()
        self.sent = 0
        self.broker = self._open()

    def _open(self) -> Counted:
        settings = AlpacaBrokerSettings(KEY, KEY, self.simulator.url("alpaca"))
        return Counted(settings, self.clock, turnstile=OpenTurnstile())

    def _count(self, house: House) -> None:
        deliver: Callable[[bytes], None] = house.post.deliver

        def counting(message: bytes) -> None:
            self.sent += bool(self.trading.listeners)
            deliver(message)

        house.post.deliver = counting


class TestAlpacaKeepsTheBrokersPromises(BrokerContract):
    @pytest.fixture
    async def world(self, tape: Tape) -> AsyncIterator[SimulatedWorld]:
        clock = FakeClock(tape.starts)
        (day, *_) = [one for one in tape.sessions if one.post > tape.starts]
        await clock.advance((day.open - tape.starts).total_seconds() + HOUR)
        plan = TradingPlan(cash=SimulatedWorld.capital, partial_rate=0)
        app = simulate(tape, clock, latency_scale=math.inf, limits=False, trading=plan)
        async with serving(app) as simulator:
            world = SimulatedWorld(simulator, app[HOUSE], clock)
            for symbol in (AAPL, MSFT):
                world.trading.halt(symbol)
            yield world
            await world.broker.aclose()
