"""Alpaca's own trading client, models and streams read the simulator's trading side."""

import asyncio
import math
from contextlib import asynccontextmanager
from datetime import date, timedelta

import pytest

pytest.importorskip("alpaca", reason="alpaca-py is not installed")

from alpaca.common.exceptions import APIError
from alpaca.data.historical.corporate_actions import CorporateActionsClient
from alpaca.data.requests import CorporateActionsRequest
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import (
    OrderClass,
    OrderSide,
    OrderStatus,
    OrderType,
    QueryOrderStatus,
    TimeInForce,
)
from alpaca.trading.models import NonTradeActivity, TradeActivity
from alpaca.trading.requests import (
    ClosePositionRequest,
    GetCalendarRequest,
    GetOrderByIdRequest,
    GetOrdersRequest,
    LimitOrderRequest,
    MarketOrderRequest,
    ReplaceOrderRequest,
    StopLimitOrderRequest,
    StopLossRequest,
    StopOrderRequest,
    TakeProfitRequest,
)
from alpaca.trading.stream import TradingStream

from argo_adapters.simulator.alpaca.trading.house import TradingPlan
from argo_adapters.simulator.app import serving, simulate
from argo_core.testing.fake_clock import FakeClock

pytestmark = pytest.mark.oracle

KEY = "simulator-key"
SYMBOL = "AZO"
ACCOUNT = "7a9ba0f4-4b3e-4bd4-8d0e-6a1d8a1ee0a5"
# What belongs to auctions, to other kinds of orders, or to the back office.
NEVER = {
    "accepted_for_bidding",
    "calculated",
    "done_for_day",
    "pending_review",
    "stopped",
    "suspended",
}
MARKET = {"symbol": SYMBOL, "side": OrderSide.BUY, "time_in_force": TimeInForce.DAY}


@pytest.fixture
def clock(tape):
    return FakeClock(tape.starts + timedelta(hours=3, seconds=12))


@pytest.fixture
async def simulator(tape, clock):
    plan = TradingPlan(partial_rate=0)
    async with serving(simulate(tape, clock, latency_scale=math.inf, trading=plan)) as running:
        running.trading.quote(SYMBOL, "100", "100.10")
        yield running


class Client:
    """The synchronous client, each call in a thread."""

    def __init__(self, simulator):
        self._client = TradingClient(KEY, KEY, url_override=simulator.url("alpaca_trading"))

    def __getattr__(self, name):
        async def call(*arguments):
            return await asyncio.to_thread(getattr(self._client, name), *arguments)

        return call


@pytest.fixture
def client(simulator):
    return Client(simulator)


def bracket(qty=3):
    return LimitOrderRequest(
        symbol=SYMBOL,
        qty=qty,
        side=OrderSide.BUY,
        time_in_force=TimeInForce.GTC,
        limit_price=100.5,
        order_class=OrderClass.BRACKET,
        take_profit=TakeProfitRequest(limit_price=110),
        stop_loss=StopLossRequest(stop_price=95),
        client_order_id="entry",
    )


async def test_the_account(client):
    account = await client.get_account()
    assert (account.cash, account.buying_power, account.multiplier) == ("100000", "100000", "1")
    assert account.pattern_day_trader is None
    assert account.trading_blocked is False


async def test_a_bracket_from_beginning_to_end(simulator, client):
    made = await client.submit_order(bracket())
    assert (made.status, made.order_class) == (OrderStatus.PENDING_NEW, OrderClass.BRACKET)
    assert [leg.status for leg in made.legs] == [OrderStatus.HELD] * 2
    entry = await client.get_order_by_id(made.id, GetOrderByIdRequest(nested=True))
    assert (entry.status, entry.filled_avg_price) == (OrderStatus.FILLED, "100.1")
    assert [leg.status for leg in entry.legs] == [OrderStatus.NEW] * 2
    assert (await client.get_order_by_client_id("entry")).id == entry.id
    [position] = await client.get_all_positions()
    assert (position.qty, position.qty_available) == ("3", "0")
    assert await client.get_open_position(SYMBOL) == position
    target, stop = entry.legs
    new = await client.replace_order_by_id(stop.id, ReplaceOrderRequest(stop_price=96))
    assert (new.replaces, new.stop_price) == (stop.id, "96")
    with pytest.raises(APIError) as refused:
        await client.close_position(SYMBOL)
    assert (refused.value.status_code, refused.value.code) == (403, 40310000)
    await client.cancel_order_by_id(target.id)
    sale = await client.close_position(SYMBOL, ClosePositionRequest(qty="1"))
    assert (sale.type, sale.qty) == (OrderType.MARKET, "1")
    rows = await client.get_orders(GetOrdersRequest(status=QueryOrderStatus.ALL, nested=False))
    states = sorted(row.status.value for row in rows)
    assert states == ["canceled", "canceled", "filled", "filled", "replaced"]


async def test_every_type_of_order(simulator, client):
    await client.submit_order(MarketOrderRequest(qty=9, **MARKET))
    sale = {"symbol": SYMBOL, "qty": 1, "side": OrderSide.SELL, "time_in_force": TimeInForce.GTC}
    made = [
        await client.submit_order(StopOrderRequest(stop_price=95, **sale)),
        await client.submit_order(StopLimitOrderRequest(stop_price=95, limit_price=94, **sale)),
        await client.submit_order(LimitOrderRequest(limit_price=120, **sale)),
        await client.submit_order(
            LimitOrderRequest(
                order_class=OrderClass.OCO,
                take_profit=TakeProfitRequest(limit_price=120),
                stop_loss=StopLossRequest(stop_price=90, limit_price=89),
                **sale,
            )
        ),
    ]
    assert [one.type.value for one in made] == ["stop", "stop_limit", "limit", "limit"]
    rows = await client.get_orders(GetOrdersRequest(symbols=[SYMBOL], nested=True))
    assert {row.id for row in rows} == {one.id for one in made}
    answers = await client.cancel_orders()
    assert {answer.status for answer in answers} == {200}
    assert {answer.id for answer in answers} == {one.id for one in made}


async def test_every_status_that_the_simulator_knows(simulator, client, clock):
    control = simulator.trading

    async def limit(price, **more):
        fields = {"qty": 5, "limit_price": price} | MARKET | more
        return (await client.submit_order(LimitOrderRequest(**fields))).id

    control.reject_next()
    await limit(101)
    await limit(101)
    control.parts(1)
    await limit(101)
    ended, cancelled, replaced, changing = [await limit(90) for _ in range(4)]
    await client.cancel_order_by_id(ended)
    await client.replace_order_by_id(replaced, ReplaceOrderRequest(limit_price=91))
    control.stall()
    await client.submit_order(bracket())
    await client.cancel_order_by_id(cancelled)
    await client.replace_order_by_id(changing, ReplaceOrderRequest(limit_price=91))
    seen = {row["status"] for row in control.orders()}
    await clock.advance(4 * 3600)
    await limit(90)
    seen |= {row["status"] for row in control.orders()}
    assert seen == {status.value for status in OrderStatus} - NEVER
    rows = await client.get_orders(GetOrdersRequest(status=QueryOrderStatus.ALL))
    assert {row.status.value for row in rows} == {row["status"] for row in control.orders()}


async def test_all_positions_are_closed(simulator, client):
    await client.submit_order(bracket())
    [refused] = await client.close_all_positions()
    assert (refused.status, refused.body.held_for_orders) == (403, 3)
    [closed] = await client.close_all_positions(True)
    assert (closed.status, closed.body.side) == (200, OrderSide.SELL)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"qty": 1_000_000}, 403, 40310000),
        ({"side": OrderSide.SELL, "qty": 1}, 403, 40310000),
        ({"symbol": "NOPE", "qty": 1}, 422, 42210000),
        ({"qty": 1, "client_order_id": "x" * 129}, 422, 40010001),
    ],
)
async def test_refusals(client, fields, status, code):
    with pytest.raises(APIError) as refused:
        await client.submit_order(MarketOrderRequest(**MARKET | fields))
    assert (refused.value.status_code, refused.value.code) == (status, code)


async def test_what_is_not_there(client):
    for asking in (client.get_open_position(SYMBOL), client.get_order_by_id(ACCOUNT)):
        with pytest.raises(APIError) as refused:
            await asking
        assert (refused.value.status_code, refused.value.code) == (404, 40410000)


async def test_clock_calendar_and_assets(client):
    clock = await client.get_clock()
    assert clock.is_open
    assert clock.timestamp < clock.next_close < clock.next_open
    span = GetCalendarRequest(start=date(2024, 11, 22), end=date(2024, 11, 26))
    days = await client.get_calendar(span)
    assert [day.date for day in days] == [date(2024, 11, day) for day in (22, 25, 26)]
    assert (days[0].open.hour, days[0].close.hour) == (9, 16)
    assets = await client.get_all_assets()
    asset = await client.get_asset(SYMBOL)
    assert asset in assets
    assert (asset.tradable, asset.fractionable, asset.shortable) == (True, True, False)


async def test_corporate_actions(simulator):
    simulator.trading.split(SYMBOL, 4, 1, date(2024, 11, 26))
    simulator.trading.split(SYMBOL, 1, 10, date(2024, 11, 27))
    client = CorporateActionsClient(KEY, KEY, url_override=simulator.url("alpaca"))
    span = CorporateActionsRequest(start=date(2024, 11, 1), end=date(2024, 12, 1))
    found = (await asyncio.to_thread(client.get_corporate_actions, span)).data
    [forward], [reverse] = found["forward_splits"], found["reverse_splits"]
    assert (forward.new_rate, forward.old_rate, forward.ex_date) == (4, 1, date(2024, 11, 26))
    assert (reverse.new_rate, reverse.old_rate) == (1, 10)


async def test_activities(simulator, client):
    simulator.trading.deposit(100)
    await client.submit_order(MarketOrderRequest(qty=9, **MARKET))
    rows = await client.get("/account/activities")
    # The trading host leaves out whose they are; the models are the brokers', who have many.
    fill = TradeActivity(account_id=ACCOUNT, **rows[0])
    assert (fill.qty, fill.price, fill.leaves_qty) == (9, 100.1, 0)
    assert NonTradeActivity(account_id=ACCOUNT, **rows[1]).net_amount == 100


@asynccontextmanager
async def streaming(simulator, clock):
    heard = []

    async def hear(update):
        heard.append(update)

    address = simulator.url("alpaca").replace("http", "ws") + "/stream"
    stream = TradingStream(KEY, KEY, url_override=address)
    stream.subscribe_trade_updates(hear)
    task = asyncio.create_task(stream._run_forever())
    async with asyncio.timeout(10):
        while not simulator.trading.listeners:
            await clock.settle()
        yield heard
        await stream.close()
        task.cancel()
        await asyncio.wait({task})


async def test_trade_updates_are_read_by_the_clients_stream(simulator, clock):
    fields = {"symbol": SYMBOL, "qty": 3, "side": "buy", "type": "limit", "limit_price": "100.5"}
    fields |= {"time_in_force": "gtc", "order_class": "bracket"}
    legs = {"take_profit": {"limit_price": "110"}, "stop_loss": {"stop_price": "95"}}
    async with streaming(simulator, clock) as heard:
        simulator.trading.parts(1)
        simulator.trading.place(**fields, **legs)
        simulator.trading.go_on()
        simulator.trading.quote(SYMBOL, "94", "94.1")
        while len(heard) < 8:
            await clock.settle()
    events = [str(getattr(one.event, "value", one.event)) for one in heard]
    assert events == [
        *("pending_new", "new", "partial_fill", "fill", "new", "new", "fill", "canceled"),
    ]
    fills = [one for one in heard if one.execution_id]
    assert [(one.qty, one.position_qty, one.price) for one in fills] == [
        (1, 1, 100.1),
        (2, 3, 100.1),
        (3, 0, 94),
    ]
    assert [len(one.order.legs or ()) for one in heard] == [2, 2, 2, 2, 0, 0, 0, 0]
