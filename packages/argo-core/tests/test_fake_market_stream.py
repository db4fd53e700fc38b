"""The stream that tests are told by keeps the promises of a real one."""

import asyncio
from decimal import Decimal

import pytest

from argo_core.market.halt import Halt
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_market_stream import FakeMarketStream
from argo_core.testing.market_stream_contract import MarketStreamContract

AAPL, MSFT, NVDA = Symbol("AAPL"), Symbol("MSFT"), Symbol("NVDA")


class World:
    symbols = (AAPL, MSFT, NVDA)

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.stream = FakeMarketStream(self.clock, self.symbols, most=2)

    async def pass_s(self, seconds: float) -> None:
        await self.clock.advance(seconds)

    def quote(self, symbol: Symbol, bid: Decimal, ask: Decimal) -> None:
        self.stream.quote(symbol, str(bid), str(ask))

    def halt(self, symbol: Symbol) -> None:
        self.stream.halt(symbol)

    def resume(self, symbol: Symbol) -> None:
        self.stream.resume(symbol)

    def break_off(self) -> None:
        self.stream.break_off()


class TestFakeMarketStreamKeepsThePromises(MarketStreamContract):
    @pytest.fixture
    def world(self) -> World:
        return World()


async def test_it_fails_when_told_to_and_only_once() -> None:
    stream = FakeMarketStream(FakeClock(), ("AAPL",))
    stream.failing = RuntimeError("boom")
    with pytest.raises(RuntimeError, match="boom"):
        await anext(aiter(stream.ticks()))
    assert not stream.connected
    await anext(aiter(stream.ticks()))


async def test_a_quote_may_have_one_side() -> None:
    stream = FakeMarketStream(FakeClock(), ("AAPL",))
    stream.watch((AAPL,))
    ticks = stream.ticks()
    await anext(ticks)
    stream.quote("AAPL", "", "101")
    told = await anext(ticks)
    assert isinstance(told, Quote)
    assert (told.bid, told.ask, told.price) == (None, 101, 101)


async def test_nothing_is_kept_for_those_who_do_not_listen_or_of_what_it_was_not_made_for() -> None:
    stream = FakeMarketStream(FakeClock(), ("AAPL",))
    stream.halt("AAPL")
    ticks = aiter(stream.ticks())
    await anext(ticks)
    stream.halt("MSFT")
    stream.halt("AAPL")
    async with asyncio.timeout(5):
        assert await anext(ticks) == Halt(AAPL, halted=True, at=BEGINNING, reason="T1")
