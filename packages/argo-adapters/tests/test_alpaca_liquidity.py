"""How much trades in a day, over loopback HTTP, against the simulator and against worse."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from argo_adapters.http.client import open_session
from argo_adapters.http.key import FixedKey
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.simulator.app import serving, simulate
from argo_adapters.simulator.faults import Fault
from argo_adapters.tapes.file import shipped
from argo_adapters.vendors.alpaca.liquidity import AlpacaLiquidity
from argo_adapters.vendors.alpaca.source import AlpacaSettings
from argo_core.backtest.tape import Tape
from argo_core.errors import VendorGarbled, VendorUnavailable
from argo_core.market.instrument import Symbol, instrument
from argo_core.testing.fake_clock import FakeClock

KEY = "simulator-key"
NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
D = Decimal
APPLE, BERKSHIRE, BITCOIN = (instrument(one) for one in ("AAPL", "BRK.B", "BTC/USD"))


@pytest.fixture(scope="module")
def tape() -> Tape:
    return shipped("ordinary-day")


def day(number: int, close: object = 10.0, volume: object = 100) -> dict[str, Any]:
    """A bar of so many days before the day of `NOON`, which begins at 05:00."""
    at = datetime(2026, 11, 20, 5, tzinfo=UTC) - timedelta(days=number)
    bar = {"o": 10.0, "h": 10.0, "l": 10.0, "c": close, "v": volume, "n": 1, "vw": 10.0}
    return {"t": at.strftime("%Y-%m-%dT%H:%M:%SZ"), **bar}


def paged(*pages: dict[str, Any]) -> Callable[[web.Request], Any]:
    async def handler(request: web.Request) -> web.Response:
        number = int(request.query.get("page_token", "0"))
        token = str(number + 1) if number + 1 < len(pages) else None
        return web.json_response({"bars": pages[number], "next_page_token": token})

    return handler


@asynccontextmanager
async def served(handler: Callable[[web.Request], Any]) -> AsyncIterator[AlpacaLiquidity]:
    app = web.Application()
    app.router.add_get("/v2/stocks/bars", handler)
    async with TestServer(app) as server, open_session() as session:
        settings = AlpacaSettings(FixedKey(KEY, KEY), str(server.make_url("/")))
        clock = FakeClock(NOON)
        yield AlpacaLiquidity(session, clock, settings, turnstile=OpenTurnstile())


async def test_the_simulators_stocks_have_their_recorded_value(tape: Tape) -> None:
    clock = FakeClock(tape.starts + timedelta(minutes=45))
    app = simulate(tape, clock, latency_scale=float("inf"))
    async with serving(app) as simulator, open_session() as session:
        settings = AlpacaSettings(FixedKey(KEY, KEY), simulator.url("alpaca"), timeout_s=30)
        alpaca = AlpacaLiquidity(session, clock, settings, turnstile=OpenTurnstile())
        found = await alpaca.daily_values(tape.instruments, clock.now())
        simulator.break_vendor("alpaca", Fault.SERVER_ERROR)
        with pytest.raises(VendorUnavailable):
            await alpaca.daily_values(tape.instruments, clock.now())
    stocks = [one.symbol for one in tape.instruments if "/" not in one.symbol]
    assert sorted(found) == sorted(stocks)
    # Of four whole recorded days, played five times over.
    days: dict[Any, list[Any]] = {}
    for bar in tape.bars[Symbol("AZO")]:
        if bar.start.date() < clock.now().date():
            days.setdefault(bar.start.date(), []).append(bar)
    values = [bars[-1].close * sum(bar.volume for bar in bars) for bars in days.values()]
    assert len(values) == 4
    assert float(found[Symbol("AZO")]) == pytest.approx(sum(values) / 4, rel=0.001)


async def test_it_is_the_mean_of_close_times_volume() -> None:
    rows = [day(number, close=10.5, volume=100 * number) for number in (5, 4, 3, 2, 1)]
    async with served(paged({"AAPL": rows})) as alpaca:
        assert await alpaca.daily_values([APPLE], NOON) == {"AAPL": D("3150.00")}


async def test_twenty_days_count_and_the_day_that_is_not_over_does_not() -> None:
    rows = [day(number, volume=7) for number in range(30, 20, -1)]
    rows += [day(number, volume=100) for number in range(20, 0, -1)]
    rows += [day(0, volume=9)]
    async with served(paged({"AAPL": rows})) as alpaca:
        assert await alpaca.daily_values([APPLE], NOON) == {"AAPL": D("1000.00")}


async def test_all_pages_are_read() -> None:
    first = [day(number) for number in (6, 5, 4)]
    pages = {"AAPL": first}, {"AAPL": [day(2), day(1)], "BRK.B": first}, {"BRK.B": [day(2), day(1)]}
    async with served(paged(*pages)) as alpaca:
        found = await alpaca.daily_values([APPLE, BERKSHIRE], NOON)
    assert found == {"AAPL": D(1000), "BRK.B": D(1000)}


async def test_few_days_pairs_and_days_that_are_none_are_left_out() -> None:
    rows = [day(6, close=None), day(5, volume=-1), day(4), day(3), day(2), day(1), "no day"]
    async with served(paged({"AAPL": rows, "BTC/USD": [day(one) for one in range(9)]})) as alpaca:
        assert await alpaca.daily_values([APPLE, BERKSHIRE, BITCOIN], NOON) == {}
        assert await alpaca.daily_values([BITCOIN], NOON) == {}
        assert await alpaca.daily_values([], NOON) == {}


async def test_a_symbol_alpaca_calls_invalid_costs_only_itself() -> None:
    async def handler(request: web.Request) -> web.Response:
        if "BRK.B" in request.query["symbols"]:
            return web.json_response({"message": "invalid symbol: BRK.B"}, status=400)
        rows = [day(number) for number in range(6, 0, -1)]
        return web.json_response({"bars": {"AAPL": rows}, "next_page_token": None})

    async with served(handler) as alpaca:
        assert await alpaca.daily_values([APPLE, BERKSHIRE], NOON) == {"AAPL": D(1000)}


async def test_pages_that_never_end_are_garbled() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"bars": {}, "next_page_token": "again"})

    async with served(handler) as alpaca:
        with pytest.raises(VendorGarbled, match="pages"):
            await alpaca.daily_values([APPLE], NOON)


async def test_the_feed_and_adjustment_are_said() -> None:
    asked: list[dict[str, str]] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(dict(request.query))
        return web.json_response({"bars": {}, "next_page_token": None})

    async with served(handler) as alpaca:
        await alpaca.daily_values([APPLE], NOON)
    assert asked == [
        {
            "symbols": "AAPL",
            "timeframe": "1Day",
            "limit": "10000",
            "sort": "asc",
            "adjustment": "split",
            "feed": "iex",
            "start": "2026-10-11T04:00:00Z",
            "end": "2026-11-20T04:59:59Z",
        }
    ]
