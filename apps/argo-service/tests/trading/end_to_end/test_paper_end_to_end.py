"""`argo serve` trades on paper: killed at any moment, stopped politely, recorded and replayed."""

import asyncio
import os
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any, Final

import pytest

from argo_adapters.brokers.paper import PaperBroker
from argo_adapters.sqlite.verify import verify
from argo_core.trading.book import Book
from argo_core.trading.broker_view import BrokerOrder
from argo_core.trading.order import Leg, OrderType
from argo_core.trading.paper.settings import PaperSettings

KILLS: Final = int(os.environ.get("ARGO_TORTURE_KILLS", "3"))  # noqa: TID251 - how long to torture
CAPITAL: Final = Decimal(1_000_000)
QUICK_S: Final = 6


@pytest.fixture
def paper(world: Any) -> Any:
    """The same world, where the broker is inside."""
    world.broker = "paper"
    world.configure()
    return world


async def test_a_run_that_trades_is_replayed_to_the_byte(paper: Any) -> None:
    service = await paper.serve("--record", "day.recording.gz")
    await paper.recorded("filled")
    assert await service.stop() < QUICK_S
    assert [one for one in paper.entries() if one["kind"] == "trade"]
    paper.replay("day.recording.gz")


async def test_however_often_it_is_killed_the_books_are_equal(paper: Any) -> None:
    moments = Random(20241125)  # noqa: S311 - seeded chance is wanted, not secrecy
    for _ in range(KILLS):
        service = await paper.serve()
        await compared(service)
        await asyncio.sleep(moments.uniform(0.0, 2.0))
        await service.kill()
    service = await paper.serve()
    await compared(service)
    await paper.recorded("filled")
    assert await service.stop() < QUICK_S
    kept = await paper.kept()
    await agree(paper, kept.book)
    assert Counter(kept.fills) == Counter(one.execution_id for one in kept.book.fills)
    assert (await asyncio.to_thread(verify, paper.database)).verified


async def compared(service: Any) -> None:
    """After the first comparison of a life nothing is found to differ."""
    await service.until("trading/account", lambda body: body["ready"])
    body = await service.until("trading/risk", lambda body: body["state"] == "ACTIVE")
    assert body["causes"] == []


async def agree(world: Any, book: Book) -> None:
    """The paper account's file, read for itself, has what our book has."""
    path = world.folder / "argo.trading.paper.sqlite3"
    async with PaperBroker.open(path, world.clock, PaperSettings(capital=CAPITAL)) as broker:
        orders = await broker.orders()
        account = await broker.account()
        positions = {one.symbol: one.quantity for one in await broker.positions()}
    ids = [one.id for one in orders]
    assert len(set(ids)) == len(ids)
    assert set(ids) <= book.orders.keys()
    assert positions == {symbol: one.quantity for symbol, one in book.held().items()}
    assert account.cash == book.cash == CAPITAL + money(book)
    for symbol, quantity in positions.items():
        assert is_protected(book, symbol, quantity, orders)


def money(book: Book) -> Decimal:
    """What all fills brought, added up by itself."""
    signed = (-one.side.sign * one.quantity * one.price - one.fee for one in book.fills)
    return sum(signed, Decimal(0))


def is_protected(book: Book, symbol: Any, quantity: Decimal, orders: Sequence[BrokerOrder]) -> bool:
    """Whether a stop for all of it is at the broker, or it is being closed or opened."""
    holding = book.holdings[symbol]
    stops = [
        one.quantity - one.filled
        for one in orders
        if one.symbol == symbol and one.type is OrderType.STOP and not one.status.is_end
    ]
    opening = any(one.leg is Leg.ENTRY for one in book.open_orders(symbol))
    return sum(stops) == quantity or holding.exit is not None or opening
