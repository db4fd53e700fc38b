"""What the contract of `Broker` needs around a broker: a market that it may move, and time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from argo_core.market.instrument import Symbol
from argo_core.ports import Broker
from argo_core.trading.broker_view import BrokerOrder, BrokerUpdate, Execution, StreamGap
from argo_core.trading.order import Bracket, GoodTill, OrderRequest, OrderType, Side

AAPL, MSFT = Symbol("AAPL"), Symbol("MSFT")
UNKNOWN = Symbol("ZZZZZ")

# A broker over HTTP on a busy machine is not slower than that.
_PATIENCE_S = 20


class BrokerWorld(Protocol):
    """A broker in a small market of its own, in the middle of a regular session.

    The account is flat, has `capital` in cash (10,000 at least) and no orders. It may trade AAPL
    and MSFT, has never heard of ZZZZZ, may not sell short, and borrows nothing.
    """

    @property
    def broker(self) -> Broker:
        """The broker under test, another object after a restart if it must be."""
        ...

    @property
    def capital(self) -> Decimal:
        """The cash it began with."""
        ...

    @property
    def fees(self) -> bool:
        """Whether executions may cost fees; if not, they are zero."""
        ...

    @property
    def rations(self) -> bool:
        """Whether `at_most` is followed; if not, what needs it is skipped."""
        ...

    def now(self) -> datetime:
        """The moment by the clock that the broker stamps its orders with."""
        ...

    async def quote(
        self, symbol: Symbol, bid: Decimal, ask: Decimal, at_most: Decimal | None = None
    ) -> None:
        """A new quote, of this moment, that orders are filled by; halfway is the last price.

        At most so many shares are filled by it in all, and without `at_most` whatever is ordered.
        What it does not fill is not filled before the next one.
        """
        ...

    async def settle(self) -> None:
        """Return when all that is under way is done and told to whoever listens to `updates`."""
        ...

    async def pass_s(self, seconds: float) -> None:
        """Let that many seconds pass on the broker's clock, one at least."""
        ...

    async def restart(self) -> None:
        """The broker's process or connection ends, and begins anew with what it has stored."""
        ...


class Heard:
    """What a stream of updates said so far."""

    def __init__(self) -> None:
        self.messages: list[BrokerUpdate | StreamGap] = []
        self.begun = asyncio.Event()

    @property
    def updates(self) -> list[BrokerUpdate]:
        return [one for one in self.messages if isinstance(one, BrokerUpdate)]

    def executions(self, id: str) -> list[Execution]:  # noqa: A002 - it is the order's id
        """Of the order with that client's id, each once."""
        told = {
            one.execution.id: one.execution
            for one in self.updates
            if one.execution is not None and one.order.id == id
        }
        return list(told.values())


@asynccontextmanager
async def listening(broker: Broker) -> AsyncIterator[Heard]:
    """Hear the broker's updates within the block, from the stream's beginning on."""
    heard = Heard()

    async def listen() -> None:
        async for message in broker.updates():
            heard.messages.append(message)
            heard.begun.set()

    task = asyncio.create_task(listen())
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await heard.begun.wait()
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def market(id: str, side: Side, quantity: int, symbol: Symbol = AAPL) -> OrderRequest:  # noqa: A002
    return OrderRequest(id, symbol, side, Decimal(quantity))


def limit(
    id: str,  # noqa: A002 - it is the order's id
    side: Side,
    quantity: int,
    price: str,
    *,
    symbol: Symbol = AAPL,
    bracket: Bracket | None = None,
) -> OrderRequest:
    """Good till cancelled, as everything here that may rest."""
    return OrderRequest(
        id,
        symbol,
        side,
        Decimal(quantity),
        OrderType.LIMIT,
        limit=Decimal(price),
        bracket=bracket,
        good_till=GoodTill.CANCELLED,
    )


def stop(id: str, side: Side, quantity: int, price: str, symbol: Symbol = AAPL) -> OrderRequest:  # noqa: A002
    return OrderRequest(
        id,
        symbol,
        side,
        Decimal(quantity),
        OrderType.STOP,
        stop=Decimal(price),
        good_till=GoodTill.CANCELLED,
    )


async def found(broker: Broker, id: str) -> BrokerOrder:  # noqa: A002 - it is the order's id
    """The order with that client's id, which must be there."""
    order = await broker.order(id)
    assert order is not None, f"the broker has no order {id}"  # noqa: S101 - part of a contract
    return order


async def held(broker: Broker) -> dict[Symbol, Decimal]:
    """How many shares of what."""
    return {one.symbol: one.quantity for one in await broker.positions()}


async def at_100(world: BrokerWorld) -> None:
    """AAPL can be bought at 100.10 and sold at 99.90."""
    await world.quote(AAPL, Decimal("99.90"), Decimal("100.10"))


async def with_shares(world: BrokerWorld, quantity: int) -> None:
    """So many shares of AAPL are held."""
    await at_100(world)
    await world.broker.submit(market("shares", Side.BUY, quantity))
    await at_100(world)
    await world.settle()
    assert await held(world.broker) == {AAPL: quantity}  # noqa: S101 - part of a contract
