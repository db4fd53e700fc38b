"""Alpaca's stream of market data over loopback: the port's promises against the simulator."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import frozen

from argo_adapters.http.client import open_session
from argo_adapters.http.key import FixedKey
from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.simulator.simulation import KEY
from argo_adapters.tapes.file import shipped
from argo_adapters.vendors.alpaca.stream import AlpacaMarketStream
from argo_adapters.vendors.alpaca.stream_settings import AlpacaStreamSettings
from argo_core.backtest.tape import Tape
from argo_core.market.instrument import Symbol, instrument
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.market_stream_contract import MarketStreamContract, hearing

FIRST, SECOND, THIRD = Symbol("AZO"), Symbol("BKNG"), Symbol("TDG")


@pytest.fixture(scope="module")
def tape() -> Tape:
    return shipped("ordinary-day")


@frozen
class World:
    simulator: Simulator
    stream: AlpacaMarketStream
    clock: FakeClock
    symbols = (FIRST, SECOND, THIRD)

    async def pass_s(self, seconds: float) -> None:
        await self.clock.advance(seconds)

    def quote(self, symbol: Symbol, bid: Decimal, ask: Decimal) -> None:
        self.simulator.trading.quote(symbol, bid, ask)

    def halt(self, symbol: Symbol) -> None:
        self.simulator.trading.halt(symbol)

    def resume(self, symbol: Symbol) -> None:
        self.simulator.trading.resume(symbol)

    def break_off(self) -> None:
        self.simulator.trading.kill_streams()


@pytest.fixture
async def world(tape: Tape) -> AsyncIterator[World]:
    clock = FakeClock(tape.starts + timedelta(minutes=45, seconds=3))
    app = simulate(tape, clock, latency_scale=float("inf"))
    async with serving(app) as simulator, open_session() as session:
        settings = AlpacaStreamSettings(FixedKey(KEY, KEY), simulator.url("alpaca"), most=2)
        names = (*World.symbols, "BTC/USD")
        stream = AlpacaMarketStream(session, clock, settings, tuple(map(instrument, names)))
        world = World(simulator, stream, clock)
        for symbol in World.symbols:
            world.quote(symbol, Decimal(90), Decimal(91))
        yield world


class TestAlpacaMarketStreamKeepsThePromises(MarketStreamContract):
    pass


async def test_a_pair_is_not_asked_for_on_the_stocks_stream(world: World) -> None:
    world.stream.watch((Symbol("BTC/USD"), FIRST))
    async with hearing(world) as ears:
        await ears.until(ears.told(FIRST), ears.move(FIRST))


async def test_a_second_process_waits_for_its_place(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_session() as session:
        settings = AlpacaStreamSettings(FixedKey(KEY, KEY), world.simulator.url("alpaca"))
        other = AlpacaMarketStream(session, world.clock, settings, (instrument(FIRST),))
        async with hearing(world):
            ticks = other.ticks()
            waiting = asyncio.ensure_future(anext(ticks))
            async with asyncio.timeout(20):
                while "has the account's place" not in caplog.text:
                    await world.clock.settle()
        async with asyncio.timeout(20):
            while not waiting.done():
                await world.pass_s(1)
        assert other.connected
        await ticks.aclose()
    assert caplog.text.count("has the account's place") == 1


async def test_a_key_that_is_not_taken_is_said_once_and_tried_slowly(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_session() as session:
        url = world.simulator.url("alpaca")
        settings = AlpacaStreamSettings(FixedKey("canary-key", "canary-secret"), url)
        stream = AlpacaMarketStream(session, world.clock, settings, (instrument(FIRST),))
        ticks = aiter(stream.ticks())
        waiting = asyncio.ensure_future(anext(ticks))
        async with asyncio.timeout(20):
            while "402" not in caplog.text:
                await world.clock.settle()
            for _ in range(100):
                await world.pass_s(10)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    (record,) = [one for one in caplog.records if one.name.endswith("alpaca.stream")]
    assert record.levelno == logging.ERROR
    assert record.getMessage().endswith("402, the key is not taken")
    assert "canary" not in caplog.text
    assert "canary" not in repr(stream) + repr(settings)


async def test_too_many_symbols_for_the_plan_are_an_error_that_says_what_to_do(
    world: World, caplog: pytest.LogCaptureFixture, tape: Tape
) -> None:
    names = [instrument(f"S{letter}") for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    names += [instrument(f"T{letter}") for letter in "ABCDEFGHIJ"]
    async with open_session() as session:
        settings = AlpacaStreamSettings(FixedKey(KEY, KEY), world.simulator.url("alpaca"), most=36)
        stream = AlpacaMarketStream(session, world.clock, settings, names)
        stream.watch([one.symbol for one in names])
        waiting = asyncio.ensure_future(anext(aiter(stream.ticks())))
        async with asyncio.timeout(20):
            while "405" not in caplog.text:
                await world.clock.settle()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert "lower trading.stream_symbols" in caplog.text
