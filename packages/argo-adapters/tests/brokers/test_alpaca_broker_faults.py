"""What becomes of Alpaca's orders when answers and messages are lost, at the simulator."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve, frozen

from argo_adapters.brokers.alpaca.broker import AlpacaBroker
from argo_adapters.brokers.alpaca.settings import AlpacaBrokerSettings
from argo_adapters.clocks.system import SystemClock
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.simulator.alpaca.trading.control import AlpacaTrading
from argo_adapters.simulator.alpaca.trading.house import TradingPlan
from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.tapes.file import shipped
from argo_core.backtest.tape import Tape
from argo_core.errors import BrokerAway, BrokerRefused, BrokerThrottled
from argo_core.market.instrument import Symbol
from argo_core.testing.broker_world import found
from argo_core.testing.fake_clock import FakeClock
from argo_core.trading.broker_view import BrokerUpdate, StreamGap
from argo_core.trading.order import (
    Bracket,
    GoodTill,
    OrderRequest,
    OrderType,
    Side,
    Status,
)

pytest.importorskip("alpaca", reason="the extra argo-adapters[alpaca] is not installed")

pytestmark = pytest.mark.oracle

KEY = "simulator-key"
D = Decimal
STOCK = Symbol("SW")
REST = OrderRequest(
    "one",
    STOCK,
    Side.BUY,
    D(10),
    OrderType.LIMIT,
    limit=D("40.00"),
    good_till=GoodTill.CANCELLED,
)
ENTRY = evolve(REST, id="entry", limit=D("51.00"), bracket=Bracket(D("45.00"), D("60.00")))


@frozen
class Bench:
    simulator: Simulator
    broker: AlpacaBroker
    clock: FakeClock
    trading: AlpacaTrading

    def another(self, timeout_s: float = 10.0) -> AlpacaBroker:
        """A broker that knows nothing of what the first one did."""
        url = self.simulator.url("alpaca")
        settings = AlpacaBrokerSettings(KEY, KEY, url, timeout_s=timeout_s, backoff_s=0.02)
        return AlpacaBroker(settings, SystemClock(), turnstile=OpenTurnstile())

    def ids(self) -> list[str]:
        return [one["client_order_id"] for one in self.trading.orders()]


@pytest.fixture(scope="module")
def tape() -> Tape:
    return shipped("ordinary-day")


@pytest.fixture
async def bench(tape: Tape) -> AsyncIterator[Bench]:
    clock = FakeClock(tape.starts + timedelta(hours=1))
    plan = TradingPlan(partial_rate=0)
    app = simulate(tape, clock, latency_scale=math.inf, limits=False, trading=plan)
    async with serving(app) as simulator:
        simulator.trading.quote(STOCK, D("49.90"), D("50.10"))
        settings = AlpacaBrokerSettings(KEY, KEY, simulator.url("alpaca"), backoff_s=0.02)
        broker = AlpacaBroker(settings, SystemClock(), turnstile=OpenTurnstile())
        yield Bench(simulator, broker, clock, simulator.trading)
        await broker.aclose()


@pytest.mark.parametrize("fault", ["lose_answers", "fail_after"])
async def test_an_order_whose_answer_is_lost_is_there_once_however_often_it_is_sent(
    bench: Bench, fault: str
) -> None:
    getattr(bench.trading, fault)(1)
    with pytest.raises(BrokerAway):
        await bench.broker.submit(REST)
    placed = await found(bench.broker, "one")
    again = await bench.broker.submit(REST)
    assert again.broker_id == placed.broker_id
    assert bench.ids() == ["one"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("refuse_requests", BrokerAway),
        ("fail_before", BrokerAway),
        ("throttle", BrokerThrottled),
    ],
)
async def test_an_order_that_was_not_placed_is_not_there_and_may_be_sent_again(
    bench: Bench, fault: str, error: type[Exception]
) -> None:
    getattr(bench.trading, fault)(1)
    with pytest.raises(error):
        await bench.broker.submit(REST)
    assert await bench.broker.order("one") is None
    await bench.broker.submit(REST)
    assert bench.ids() == ["one"]


async def test_an_order_whose_answer_is_late_is_found_by_the_next_look(bench: Bench) -> None:
    broker = bench.another(timeout_s=0.5)
    # The library is there before the clock runs.
    await broker.account()
    bench.trading.slow(1.5)
    with pytest.raises(BrokerAway):
        await broker.submit(REST)
    assert (await found(broker, "one")).status is Status.WORKING
    await broker.aclose()


async def test_a_replacement_whose_answer_is_lost_is_found_when_it_is_asked_for_again(
    bench: Bench,
) -> None:
    old = await bench.broker.submit(REST)
    wanted = evolve(REST, id="two", limit=D("41.00"))
    bench.trading.lose_answers(1)
    with pytest.raises(BrokerAway):
        await bench.broker.replace(old.broker_id, wanted)
    new = await bench.broker.replace(old.broker_id, wanted)
    assert (new.id, new.replaces, new.limit) == ("two", old.broker_id, D(41))
    assert bench.ids() == ["one", "two"]
    with pytest.raises(BrokerRefused):
        await bench.broker.replace(old.broker_id, evolve(wanted, id="three"))


async def test_a_cancel_whose_answer_is_lost_has_happened(bench: Bench) -> None:
    placed = await bench.broker.submit(REST)
    bench.trading.lose_answers(1)
    with pytest.raises(BrokerAway):
        await bench.broker.cancel(placed.broker_id)
    with pytest.raises(BrokerRefused):
        await bench.broker.cancel(placed.broker_id)
    assert (await found(bench.broker, "one")).status is Status.CANCELLED


async def test_an_order_the_market_rejects_after_all_says_so(bench: Bench) -> None:
    bench.trading.reject_next()
    await bench.broker.submit(REST)
    ended = await found(bench.broker, "one")
    assert ended.status is Status.REJECTED
    assert ended.problem


async def test_a_broker_that_begins_anew_knows_whose_the_legs_are(bench: Bench) -> None:
    entry = await bench.broker.submit(ENTRY)
    assert (await found(bench.broker, "entry")).status is Status.FILLED
    before = await bench.broker.orders()
    assert {one.parent for one in before} == {entry.broker_id}
    broker = bench.another()
    assert set(await broker.orders()) == set(before)
    for leg in before:
        assert await broker.order(leg.id) == leg
    since = bench.clock.now() - timedelta(minutes=1)
    assert {one.id for one in await broker.orders(since)} == {*(one.id for one in before), "entry"}
    await broker.aclose()


async def test_the_owners_own_orders_and_shares_are_seen(bench: Bench) -> None:
    bench.trading.place(
        symbol=STOCK,
        qty="5",
        side="buy",
        type="limit",
        limit_price="30",
        time_in_force="gtc",
    )
    bench.trading.give(STOCK, 7, D("50"))
    (order,) = await bench.broker.orders()
    assert (order.quantity, order.limit, order.status) == (D(5), D(30), Status.WORKING)
    (position,) = await bench.broker.positions()
    assert (position.symbol, position.quantity) == (STOCK, D(7))


async def test_money_splits_and_sessions_are_the_exchanges(bench: Bench, tape: Tape) -> None:
    since = bench.clock.now() - timedelta(hours=1)
    bench.trading.deposit(500)
    bench.trading.deposit(-200)
    assert [one.amount for one in await bench.broker.flows(since)] == [D(500), D(-200)]
    today = tape.sessions[-1].open.date()
    tomorrow = today + timedelta(days=1)
    bench.trading.split(STOCK, 2, 1, tomorrow)
    (split,) = await bench.broker.splits([STOCK], today, tomorrow)
    assert (split.symbol, split.new, split.old) == (STOCK, D(2), D(1))
    assert split.at.date() == tomorrow
    assert await bench.broker.splits([STOCK], today, today) == ()
    first = tape.sessions[0].open.date()
    assert await bench.broker.sessions(first, today) == tape.sessions


async def test_a_killed_stream_begins_again_and_what_happened_meanwhile_is_in_the_books(
    bench: Bench,
) -> None:
    heard: list[BrokerUpdate | StreamGap] = []
    async with asyncio.timeout(30), aclosing(bench.broker.updates()) as updates:
        heard.append(await anext(updates))
        bench.trading.kill_streams()
        await bench.broker.submit(evolve(REST, limit=D("51.00")))
        while len(heard) < 2 or not isinstance(heard[-1], StreamGap):
            heard.append(await anext(updates))
    assert isinstance(heard[0], StreamGap)
    assert (await found(bench.broker, "one")).status is Status.FILLED


async def test_messages_twice_and_backwards_add_up_to_the_same_executions(bench: Bench) -> None:
    executions: dict[str, Decimal] = {}
    async with asyncio.timeout(30), aclosing(bench.broker.updates()) as updates:
        assert isinstance(await anext(updates), StreamGap)
        bench.trading.double_messages(1)
        bench.trading.hold_messages()
        bench.trading.parts(4, 3, every_s=0)
        await bench.broker.submit(evolve(REST, limit=D("51.00")))
        bench.trading.look()
        bench.trading.go_on()
        sent = bench.trading.release("reversed")
        for _ in range(sent):
            one = await anext(updates)
            assert isinstance(one, BrokerUpdate)
            if one.execution:
                executions[one.execution.id] = one.execution.quantity
    assert sum(executions.values()) == (await found(bench.broker, "one")).filled == 10
