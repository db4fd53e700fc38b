"""Requests that go wrong before or after they took effect, and runs that are the same again."""

import asyncio

import aiohttp
import pytest

from argo_adapters.simulator.alpaca.trading.house import TradingPlan
from argo_adapters.simulator.faults import Fault

PAGE = "/v2/orders"
ORDER = {
    "symbol": "AAA",
    "qty": "3",
    "side": "buy",
    "type": "limit",
    "limit_price": "190",
    "time_in_force": "gtc",
    "client_order_id": "mine",
}


async def test_an_answer_is_lost_after_the_order_was_taken(desk):
    desk.control.lose_answers()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await desk.ask("POST", PAGE, ORDER)
    found = await desk.get("/v2/orders:by_client_order_id", client_order_id="mine")
    assert found["status"] == "new"
    got = await desk.ask("POST", PAGE, ORDER)
    assert got.json()["message"] == "client_order_id must be unique"


async def test_a_request_is_lost_before_it_took_effect(desk):
    desk.control.refuse_requests()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await desk.ask("POST", PAGE, ORDER)
    assert desk.control.orders() == []
    assert (await desk.ask("POST", PAGE, ORDER)).status == 200


async def test_a_failure_after_the_order_was_taken(desk):
    desk.control.fail_after()
    got = await desk.ask("POST", PAGE, ORDER)
    assert (got.status, got.json()) == (
        500,
        {"code": 50010000, "message": "internal server error"},
    )
    assert len(desk.control.orders()) == 1


async def test_a_failure_before_the_order_was_taken(desk):
    desk.control.fail_before()
    assert (await desk.ask("POST", PAGE, ORDER)).status == 500
    assert desk.control.orders() == []


async def test_a_throttled_request_had_no_effect(desk):
    desk.control.throttle()
    got = await desk.ask("POST", PAGE, ORDER)
    assert (got.status, got.json()["code"]) == (429, 42910000)
    assert desk.control.orders() == []


async def test_a_slow_answer_took_effect_at_once(desk):
    desk.control.slow(0.3)
    asking = asyncio.create_task(desk.ask("POST", PAGE, ORDER))
    async with asyncio.timeout(5):
        while not desk.control.orders():
            await asyncio.wait({asking}, timeout=0.01)
        assert not asking.done()
        assert (await asking).status == 200


async def test_a_refusal_can_be_lost_too(desk):
    desk.control.lose_answers()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await desk.ask("POST", PAGE, ORDER | {"qty": "-1"})
    desk.control.slow(0.01)
    assert (await desk.ask("POST", PAGE, ORDER | {"qty": "-1"})).status == 422


async def test_mishaps_wait_for_their_methods_and_their_turn(desk):
    desk.control.fail_before(2, methods=("POST",))
    desk.control.throttle(1, methods=("GET", "POST"))
    assert (await desk.ask("GET", "/v2/account")).status == 429
    got = [(await desk.ask("POST", PAGE, ORDER)).status for _ in range(3)]
    assert got == [500, 500, 200]
    order = desk.control.orders()[0]["id"]
    desk.control.lose_answers()
    # This client asks for deletions again by itself, and so learns that the first one worked.
    got = await desk.ask("DELETE", f"{PAGE}/{order}")
    assert (got.status, got.json()["message"]) == (422, 'order is already in "canceled" state')


async def test_the_trading_side_breaks_like_any_vendor(opened):
    async with opened() as caller:
        caller.simulator.break_vendor("alpaca_trading", Fault.SERVER_ERROR)
        assert (await caller.get("alpaca", "/v2/account")).status == 500
        data = await caller.get("alpaca", "/v2/stocks/quotes/latest", symbols="AAA", feed="iex")
        assert data.status == 200
        caller.simulator.heal("alpaca_trading")
        assert (await caller.get("alpaca", "/v2/account")).status == 200
        assert caller.simulator.url("alpaca_trading") == caller.simulator.url("alpaca")


async def test_the_same_seed_is_the_same_run(opened, clock):
    runs = []
    for seed in (1, 1, 2):
        async with opened(seed=seed, trading=TradingPlan(partial_rate=0.5)) as caller:
            control = caller.simulator.trading
            control.quote("AAA", "200", "200.1")
            for _ in range(20):
                control.place(symbol="AAA", qty=9, side="buy", type="market", time_in_force="day")
            runs.append([(row["id"], row["qty"], row["price"]) for row in control.fills()])
    assert runs[0] == runs[1]
    assert [row[1] for row in runs[0]] != [row[1] for row in runs[2]]
