"""Listeners hear what is told while they listen, and of every gap."""

import asyncio
from collections.abc import AsyncIterator

from argo_core.market.instrument import Symbol
from argo_core.testing.fake_clock import FakeClock
from argo_core.trading.broker_view import BrokerOrder, BrokerUpdate, StreamGap
from argo_core.trading.order import OrderType, Side, Status
from argo_core.trading.paper.stream import Message, UpdateStream
from argo_core.trading.position import ZERO

CLOCK = FakeClock()
GAP = StreamGap(CLOCK.now())


def update(number: int) -> BrokerUpdate:
    return BrokerUpdate(
        BrokerOrder(
            str(number),
            str(number),
            Symbol("AAPL"),
            Side.BUY,
            OrderType.MARKET,
            ZERO + 1,
            Status.WORKING,
            CLOCK.now(),
        )
    )


async def heard(listener: AsyncIterator[Message], count: int) -> list[Message]:
    async with asyncio.timeout(5):
        return [await anext(listener) for _ in range(count)]


async def test_everybody_who_listens_hears_everything_in_order() -> None:
    stream = UpdateStream(CLOCK.now)
    one, other = stream.listen(), stream.listen()
    assert await heard(one, 1) == await heard(other, 1) == [GAP]
    stream.tell([update(1), update(2)])
    assert await heard(one, 2) == await heard(other, 2) == [update(1), update(2)]


async def test_what_was_told_before_is_not_told_again() -> None:
    stream = UpdateStream(CLOCK.now)
    stream.tell([update(1)])
    listener = stream.listen()
    assert await heard(listener, 1) == [GAP]
    stream.tell([update(2)])
    assert await heard(listener, 1) == [update(2)]


async def test_a_listener_that_is_too_slow_is_told_that_it_missed_something() -> None:
    stream = UpdateStream(CLOCK.now, most=3)
    slow, quick = stream.listen(), stream.listen()
    await heard(slow, 1)
    await heard(quick, 1)
    for number in range(5):
        stream.tell([update(number)])
        assert await heard(quick, 1) == [update(number)]
    assert await heard(slow, 3) == [GAP, update(3), update(4)]


async def test_a_break_loses_what_was_not_heard() -> None:
    stream = UpdateStream(CLOCK.now)
    listener = stream.listen()
    await heard(listener, 1)
    stream.tell([update(1)])
    stream.break_off()
    stream.tell([update(2)])
    assert await heard(listener, 2) == [GAP, update(2)]


async def test_who_stops_listening_is_forgotten() -> None:
    stream = UpdateStream(CLOCK.now)
    listener = stream.listen()
    await heard(listener, 1)
    await listener.aclose()  # type: ignore[attr-defined]
    assert stream._listeners == []
