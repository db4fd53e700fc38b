"""What waits to be taken is bounded by the symbols, and the newest of each."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from argo_core.errors import InvalidInput
from argo_core.market.halt import Halt
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.trading.broker_view import StreamGap
from argo_core.trading.ticks import Ticks

GAP = StreamGap(BEGINNING)


def quote(symbol: str, price: int) -> Quote:
    return Quote(Symbol(symbol), Decimal(price), BEGINNING, BEGINNING, "test")


def halt(symbol: str, *, halted: bool = True) -> Halt:
    return Halt(Symbol(symbol), halted, BEGINNING)


async def taken(ticks: Ticks) -> list[object]:
    return [await ticks.take() for _ in range(len(ticks))]


async def test_only_the_newest_quote_of_each_symbol_is_kept() -> None:
    ticks = Ticks()
    for price in range(1, 1_000):
        ticks.put(quote("AAPL", price))
        ticks.put(quote("MSFT", price))
    assert await taken(ticks) == [quote("AAPL", 999), quote("MSFT", 999)]


async def test_a_halt_does_not_take_the_place_of_a_quote() -> None:
    ticks = Ticks()
    ticks.put(quote("AAPL", 1))
    ticks.put(halt("AAPL"))
    ticks.put(halt("MSFT"))
    ticks.put(halt("AAPL", halted=False))
    assert await taken(ticks) == [quote("AAPL", 1), halt("MSFT"), halt("AAPL", halted=False)]


async def test_a_gap_makes_quotes_old_and_keeps_halts() -> None:
    ticks = Ticks()
    ticks.put(quote("AAPL", 1))
    ticks.put(halt("AAPL"))
    ticks.put(GAP)
    ticks.put(GAP)
    ticks.put(quote("AAPL", 2))
    assert await taken(ticks) == [halt("AAPL"), GAP, quote("AAPL", 2)]


async def test_whoever_takes_waits_until_there_is_something() -> None:
    ticks = Ticks()
    taking = asyncio.create_task(ticks.take())
    await FakeClock().settle()
    assert not taking.done()
    ticks.put(GAP)
    async with asyncio.timeout(5):
        assert await taking == GAP


def test_a_halt_has_a_moment_everybody_means() -> None:
    naive = datetime(2024, 11, 25)  # noqa: DTZ001 - that is what is wrong with it
    with pytest.raises(InvalidInput):
        Halt(Symbol("AAPL"), halted=True, at=naive + timedelta(0))
