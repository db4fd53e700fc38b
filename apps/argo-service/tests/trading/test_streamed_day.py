"""The whole service on a recorded day: what the simulated stream tells reaches whoever trades."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from argo_adapters.clocks.tape import TapeClock
from argo_adapters.simulator.app import Simulator
from argo_adapters.tapes.file import shipped
from argo_core.backtest.tape import Tape
from argo_core.engine.loop import run as run_loop
from argo_core.market.instrument import Symbol
from argo_service.config.tree import Settings
from argo_service.demo.record import DemoRecord
from argo_service.demo.stage import opening, point_at, staged, yahoo_url
from argo_service.running import Running
from argo_service.wiring import running

SYMBOLS = ("AZO", "LII", "NVR")
SPEED = 30.0


@pytest.fixture(scope="module")
def tape() -> Tape:
    return shipped("ordinary-day")


@frozen
class Day:
    simulator: Simulator
    argo: Running

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await self.argo.clock.sleep(1)

    @property
    def trader(self) -> Any:
        return self.argo.trader


@pytest.fixture
async def day(tape: Tape, tmp_path: Path) -> AsyncIterator[Day]:
    clock = TapeClock(opening(tape, None), SPEED)
    async with staged(tape, clock, latency_scale=SPEED, limits=False) as simulator:
        database = tmp_path / "argo.sqlite3"
        pointed = point_at(simulator, Settings(), tape, SYMBOLS, database)
        settings = evolve(DemoRecord(tape).settings(pointed), database=database)
        async with running(
            settings, clock, yahoo_url=yahoo_url(simulator), pace=SPEED, recorded=True
        ) as argo:
            stop = asyncio.Event()
            loop = asyncio.create_task(run_loop(argo.engine, clock, argo.observer, stop))
            try:
                yield Day(simulator, argo)
            finally:
                stop.set()
                await loop


async def test_a_halt_is_known_while_it_lasts_and_breaks_are_survived(day: Day) -> None:
    await day.until(lambda: day.trader.market.streaming)
    day.simulator.trading.halt("AZO")
    await day.until(lambda: day.trader.market.halted == {Symbol("AZO")})
    day.simulator.trading.kill_streams()
    await day.until(lambda: not day.trader.market.streaming)
    await day.until(lambda: day.trader.market.streaming)
    day.simulator.trading.resume("AZO")
    await day.until(lambda: not day.trader.market.halted)


async def test_quotes_between_cycles_are_told_of_what_is_held(day: Day) -> None:
    await day.until(day.trader.book.held)
    heard = day.argo.tally.trading
    before = heard.ticks
    await day.until(lambda: heard.ticks > before)
    assert day.trader.failed is None
