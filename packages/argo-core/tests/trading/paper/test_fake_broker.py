"""The fake broker fails as it is told, and what really happened can be seen in its house."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from argo_core.errors import BrokerAway, BrokerError, BrokerGarbled, BrokerRefused, BrokerThrottled
from argo_core.market.session import Session
from argo_core.ports import Broker
from argo_core.testing.broker_world import AAPL, MSFT, found, held, limit, listening, market, stop
from argo_core.testing.fake_broker import FakeBroker, Fault
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.trading.broker_view import Split, StreamGap
from argo_core.trading.order import Side, Status

D = Decimal
BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fake(clock: FakeClock) -> FakeBroker:
    broker = FakeBroker(clock)
    broker.quote("AAPL", "100.00", "100.00")
    return broker


def test_it_is_a_broker(fake: FakeBroker) -> None:
    broker: Broker = fake
    assert broker.name == "fake"


@pytest.mark.parametrize(
    ("fault", "error", "placed"),
    [
        (Fault.AWAY_BEFORE, BrokerAway, False),
        (Fault.AWAY_AFTER, BrokerAway, True),
        (Fault.GARBLED_AFTER, BrokerGarbled, True),
        (Fault.THROTTLED, BrokerThrottled, False),
        (Fault.REFUSED, BrokerRefused, False),
    ],
)
async def test_a_fault_comes_before_the_call_or_after_it(
    fake: FakeBroker, fault: Fault, error: type[BrokerError], *, placed: bool
) -> None:
    fake.fail(fault)
    with pytest.raises(error):
        await fake.submit(limit("one", BUY, 1, "90"))
    assert (fake.house.order("one") is not None) == placed
    assert (await fake.submit(limit("one", BUY, 1, "90"))).id == "one"
    assert fake.calls == [("submit", "one")] * 2


async def test_faults_hit_the_calls_that_they_are_for_so_many_times(fake: FakeBroker) -> None:
    fake.fail(Fault.AWAY_BEFORE, 2, "order", "account")
    await fake.positions()
    for ask in (fake.account, lambda: fake.order("one")):
        with pytest.raises(BrokerAway):
            await ask()
    await fake.account()


async def test_every_call_can_fail(fake: FakeBroker, clock: FakeClock) -> None:
    one = await fake.submit(limit("one", BUY, 1, "90"))
    day = clock.now().date()
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: fake.submit(limit("two", BUY, 1, "90")),
        lambda: fake.replace(one.broker_id, limit("three", BUY, 1, "91")),
        lambda: fake.cancel(one.broker_id),
        lambda: fake.order("one"),
        fake.orders,
        fake.positions,
        fake.account,
        lambda: fake.flows(clock.now()),
        lambda: fake.sessions(day, day),
        lambda: fake.splits([AAPL], day, day),
    ]
    fake.fail(Fault.THROTTLED, len(calls))
    for call in calls:
        with pytest.raises(BrokerThrottled):
            await call()
    assert await found(fake, "one") == one


async def test_healing_ends_all_faults_and_tells_what_was_held(fake: FakeBroker) -> None:
    async with listening(fake) as heard:
        fake.fail(Fault.AWAY_BEFORE, 100)
        fake.holding = True
        fake.manual(limit("one", BUY, 1, "90"))
        fake.heal()
        await fake.submit(limit("two", BUY, 1, "90"))
        await FakeClock().settle()
        assert [one.order.id for one in heard.updates] == ["one", "two"]


async def test_messages_are_dropped_doubled_held_and_turned_round(fake: FakeBroker) -> None:
    async def told(name: str) -> None:
        await fake.submit(limit(name, BUY, 1, "90"))

    async with listening(fake) as heard:
        fake.dropping = True
        await told("dropped")
        fake.dropping, fake.doubling = False, True
        await told("doubled")
        fake.doubling, fake.holding = False, True
        await told("held")
        await told("held too")
        fake.holding = False
        await told("first")
        fake.release(backwards=True)
        await FakeClock().settle()
        names = [one.order.id for one in heard.updates]
        assert names == ["doubled", "doubled", "first", "held too", "held"]


async def test_a_broken_stream_begins_anew_with_a_gap(fake: FakeBroker) -> None:
    async with listening(fake) as heard:
        fake.holding = True
        fake.manual(limit("lost", BUY, 1, "90"))
        fake.break_stream()
        fake.heal()
        await FakeClock().settle()
        assert [type(one) for one in heard.messages] == [StreamGap, StreamGap]


async def test_somebody_else_uses_the_account(fake: FakeBroker) -> None:
    one = fake.manual(limit("one", BUY, 1, "90"))
    assert await fake.orders() == (one,)
    fake.manual_cancel(one.broker_id)
    assert (await found(fake, "one")).status is Status.CANCELLED
    fake.sneak("AAPL", "7", "99")
    assert await held(fake) == {AAPL: 7}
    assert fake.calls == [("orders", ""), ("order", "one"), ("positions", "")]


async def test_a_call_takes_its_time(fake: FakeBroker, clock: FakeClock) -> None:
    fake.seconds = 30
    call = asyncio.create_task(fake.submit(limit("one", BUY, 1, "90")))
    await clock.advance(29)
    assert fake.house.order("one") is None
    await clock.advance(1)
    assert (await call).status is Status.WORKING


async def test_the_calendar_is_what_it_was_given(fake: FakeBroker) -> None:
    day = BEGINNING.date()
    assert await fake.sessions(day, day) is None
    hour = timedelta(hours=1)
    session = Session(BEGINNING - hour, BEGINNING, BEGINNING + hour, BEGINNING + 2 * hour)
    fake.calendar = (session,)
    assert await fake.sessions(day, day) == (session,)
    assert await fake.sessions(day + timedelta(days=1), day + timedelta(days=1)) == ()


async def test_splits_are_announced_and_happen_apart_from_that(fake: FakeBroker) -> None:
    day = BEGINNING.date()
    split = Split(AAPL, BEGINNING, D(2), D(1))
    fake.announced = [split, Split(MSFT, BEGINNING, D(3), D(1))]
    assert await fake.splits([AAPL], day, day) == (split,)
    await fake.submit(market("buy", BUY, 10))
    fake.quote("AAPL", "100.00", "100.00")
    assert await held(fake) == {AAPL: 10}
    fake.split("AAPL", "2", "1")
    assert await held(fake) == {AAPL: 20}


async def test_a_day_closes(fake: FakeBroker) -> None:
    await fake.submit(market("buy", BUY, 10))
    fake.quote("AAPL", "100.00", "100.00")
    await fake.submit(stop("stop", SELL, 10, "95"))
    fake.quote("AAPL", "101.00", "101.00")
    fake.close_day()
    assert (await fake.account()).last_equity == fake.settings.capital + 10


async def test_a_quote_may_come_late(fake: FakeBroker, clock: FakeClock) -> None:
    await clock.advance(10)
    await fake.submit(market("buy", BUY, 1))
    fake.quote("AAPL", "100.00", "100.00", at=clock.now() - timedelta(seconds=1))
    assert await held(fake) == {}
