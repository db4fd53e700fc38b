"""Every way in which Alpaca's simulated trading host says no, to the letter."""

import pytest

from argo_adapters.simulator.alpaca.trading.asks import Asked
from argo_adapters.simulator.alpaca.trading.house import TradingPlan
from argo_adapters.simulator.wire import Limit

PAGE = "/v2/orders"
LEGS = {"take_profit": {"limit_price": "212"}, "stop_loss": {"stop_price": "191"}}
BRACKET = {"order_class": "bracket", "type": "limit", "limit_price": "201"} | LEGS
NOWHERE = "00000000-0000-0000-0000-000000000000"


def order(**fields):
    usual = {"symbol": "AAA", "qty": "3", "side": "buy", "type": "market", "time_in_force": "day"}
    return {name: value for name, value in (usual | fields).items() if value is not None}


async def refused(desk, **fields):
    got = await desk.ask("POST", PAGE, order(**fields))
    return got.status, got.json()


INVALID = {
    "sub-penny increment does not fulfill minimum pricing criteria": [
        {"type": "limit", "limit_price": "200.001"},
        {"type": "limit", "limit_price": "0.12345"},
        BRACKET | {"stop_loss": {"stop_price": "191.005"}},
    ],
    "fractional orders must be simple orders": [BRACKET | {"qty": "1.5"}],
    "fractional orders must be DAY orders": [{"qty": "1.5", "time_in_force": "gtc"}],
    "qty must be limited to 9 decimal places": [{"qty": "0.0000000001"}],
    'asset "ZZZZ" not found': [{"symbol": "ZZZZ"}],
    'asset "BTC/USD" not found': [{"symbol": "BTC/USD"}],
    "notional orders are not simulated": [{"qty": None, "notional": "100"}],
    "extended hours order must be DAY or GTC limit orders": [{"extended_hours": True}],
    "extended hours are not allowed for bracket orders": [BRACKET | {"extended_hours": True}],
    "bracket orders require take_profit and stop_loss": [BRACKET | {"take_profit": None}],
    "bracket orders must be entered with market or limit orders": [
        BRACKET | {"type": "stop", "limit_price": None, "stop_price": "201"}
    ],
    "oto orders require either take_profit or stop_loss": [BRACKET | {"order_class": "oto"}],
    "oco orders must be limit orders": [
        LEGS | {"order_class": "oco", "side": "sell", "type": "market"},
    ],
    "take_profit.limit_price must be > stop_loss.stop_price": [
        BRACKET | {"take_profit": {"limit_price": "190"}},
        BRACKET | {"order_class": "oco", "side": "sell", "stop_loss": {"stop_price": "213"}},
    ],
    "take_profit.limit_price must be < stop_loss.stop_price": [BRACKET | {"side": "sell"}],
}


@pytest.mark.parametrize(
    ("message", "fields"), [(text, one) for text, several in INVALID.items() for one in several]
)
async def test_orders_that_make_no_sense(desk, message, fields):
    assert await refused(desk, **fields) == (422, {"code": 42210000, "message": message})
    assert desk.control.orders() == []


MALFORMED = {
    "symbol is required": {"symbol": None},
    "qty or notional is required": {"qty": None},
    "qty must be > 0": {"qty": "-1"},
    "qty must be a number": {"qty": "three"},
    "invalid side": {"side": "hold"},
    "side is required": {"side": None},
    "invalid type": {"type": "trailing_stop"},
    "invalid time_in_force": {"time_in_force": "opg"},
    "invalid order_class": {"order_class": "mleg"},
    "limit_price is required for limit orders": {"type": "limit"},
    "limit_price is not allowed for market orders": {"limit_price": "200"},
    "stop_price is required for stop orders": {"type": "stop"},
    "stop_price is not allowed for market orders": {"stop_price": "200"},
    "invalid stop_loss": BRACKET | {"stop_loss": "191"},
    "stop_loss.stop_price is required": BRACKET | {"stop_loss": {}},
    "take_profit.limit_price is required": BRACKET | {"take_profit": {}},
    "take_profit and stop_loss are for complex orders": LEGS,
    "client_order_id must be no more than 128 characters": {"client_order_id": "x" * 129},
}


@pytest.mark.parametrize(("message", "fields"), MALFORMED.items())
async def test_orders_that_are_not_well_formed(desk, message, fields):
    assert await refused(desk, **fields) == (422, {"code": 40010001, "message": message})


@pytest.mark.parametrize("body", ["no object", ["no", "object"]])
async def test_a_body_that_is_no_object(desk, body):
    got = await desk.ask("POST", PAGE, body)
    assert (got.status, got.json()["message"]) == (422, "request body format is invalid")


async def test_a_repeated_client_order_id(desk):
    await desk.submit(client_order_id="mine", type="limit", limit_price="190")
    body = {"code": 40010001, "message": "client_order_id must be unique"}
    assert await refused(desk, client_order_id="mine") == (422, body)
    # Even when there is no money for a second one.
    assert await refused(desk, client_order_id="mine", qty="100000") == (422, body)
    other = await desk.submit(type="limit", limit_price="190")
    change = {"limit_price": "191", "client_order_id": "mine"}
    got = await desk.ask("PATCH", f"{PAGE}/{other['id']}", change)
    assert (got.status, got.json()) == (422, body)


@pytest.mark.parametrize(
    ("legs", "message"),
    [
        ({"stop_loss": {"stop_price": "201"}}, "stop_loss.stop_price must be <= base_price - 0.01"),
        (
            {"take_profit": {"limit_price": "201"}},
            "take_profit.limit_price must be >= base_price + 0.01",
        ),
    ],
)
async def test_legs_on_the_wrong_side_of_the_entry(desk, legs, message):
    status, body = await refused(desk, **BRACKET | legs)
    assert (status, body) == (422, {"base_price": "201", "code": 42210000, "message": message})


async def test_a_purchase_beyond_the_buying_power(desk):
    body = {
        "buying_power": "100000",
        "code": 40310000,
        "cost_basis": "100250.1",
        "message": "insufficient buying power",
    }
    assert await refused(desk, qty="501") == (403, body)
    assert await refused(desk, qty="499") != (403, body)


async def test_open_purchases_claim_their_money(desk):
    first = await desk.submit(qty="400", type="limit", limit_price="150")
    status, body = await refused(desk, qty="300")
    assert (status, body["buying_power"]) == (403, "40000")
    got = await desk.ask("PATCH", f"{PAGE}/{first['id']}", {"qty": "700"})
    assert (got.status, got.json()["buying_power"]) == (403, "100000")
    await desk.ask("DELETE", f"{PAGE}/{first['id']}")
    await desk.submit(qty="300")


async def test_a_margin_account_may_spend_twice_its_equity(opened):
    plan = TradingPlan(multiplier=2, partial_rate=0)
    async with opened(trading=plan) as caller:
        control = caller.simulator.trading
        control.quote("AAA", "200", "200")
        assert control.account()["buying_power"] == "200000"
        control.place(symbol="AAA", qty="600", side="buy", type="market", time_in_force="day")
        assert control.account()["cash"] == "-20000"
        assert control.account()["buying_power"] == "80000"


async def test_shares_that_other_orders_hold(desk):
    entry = await desk.bracket()
    body = {
        "available": "0",
        "code": 40310000,
        "existing_qty": "3",
        "held_for_orders": "3",
        "message": "insufficient qty available for order (requested: 3, available: 0)",
        "symbol": "AAA",
    }
    assert await refused(desk, side="sell") == (403, body)
    got = await desk.ask("DELETE", "/v2/positions/AAA")
    assert (got.status, got.json()) == (403, body)
    await desk.ask("DELETE", f"{PAGE}/{entry['legs'][0]['id']}")
    assert (await desk.ask("DELETE", "/v2/positions/AAA")).status == 200


async def test_more_shares_than_there_are(desk):
    await desk.submit()
    status, body = await refused(desk, side="sell", qty="5")
    assert (status, body["available"], body["held_for_orders"]) == (403, "3", "0")
    stop = await desk.submit("sell", type="stop", stop_price="190")
    got = await desk.ask("PATCH", f"{PAGE}/{stop['id']}", {"qty": "4"})
    assert (got.status, got.json()["existing_qty"]) == (403, "3")


async def test_nothing_is_sold_short(desk):
    body = {"code": 40310000, "message": "account is not allowed to short"}
    assert await refused(desk, side="sell") == (403, body)


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({"type": "limit", "limit_price": "199"}, {"type": "stop", "stop_price": "190"}, "limit"),
        ({"type": "limit", "limit_price": "199"}, {}, "limit"),
        (
            {"type": "limit", "limit_price": "199"},
            {"type": "limit", "limit_price": "198"},
            "limit",
        ),
        (
            {"type": "stop", "stop_price": "205"},
            {"type": "limit", "limit_price": "206"},
            "market/stop",
        ),
    ],
)
async def test_a_potential_wash_trade(desk, first, second, reason):
    await desk.submit()
    open_order = await desk.submit(**first)
    body = {
        "code": 40310000,
        "existing_order_id": open_order["id"],
        "message": "potential wash trade detected. use complex orders",
        "reject_reason": f"opposite side {reason} order exists",
    }
    assert await refused(desk, side="sell", **second) == (403, body)


async def test_limits_that_do_not_cross_and_complex_orders_are_no_wash_trades(desk):
    await desk.submit()
    await desk.submit(type="limit", limit_price="199")
    await desk.submit("sell", qty="1", type="limit", limit_price="201")
    await desk.bracket(limit_price="202", stop_loss={"stop_price": "190"})


async def test_a_purchase_meets_its_own_stop(desk):
    await desk.submit()
    await desk.submit("sell", type="stop", stop_price="190")
    status, body = await refused(desk, type="limit", limit_price="195")
    assert (status, body["reject_reason"]) == (403, "opposite side market/stop order exists")


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("GET", f"{PAGE}/{NOWHERE}", "order not found"),
        ("DELETE", f"{PAGE}/{NOWHERE}", "order not found"),
        ("PATCH", f"{PAGE}/{NOWHERE}", "order not found"),
        ("GET", "/v2/orders:by_client_order_id?client_order_id=none", "order not found"),
        ("GET", f"{PAGE}?before_order_id={NOWHERE}", "order not found"),
        ("GET", "/v2/positions/AAA", "position does not exist"),
        ("DELETE", "/v2/positions/AAA", "position does not exist"),
        ("GET", "/v2/assets/ZZZZ", "asset not found for ZZZZ"),
    ],
)
async def test_what_is_not_there(desk, method, path, message):
    got = await desk.ask(method, path, {"qty": "1"} if method == "PATCH" else None)
    assert (got.status, got.json()) == (404, {"code": 40410000, "message": message})


async def test_an_order_that_has_ended_can_be_neither_cancelled_nor_replaced(desk):
    done = await desk.submit()
    body = {"code": 42210000, "message": 'order is already in "filled" state'}
    for method, change in (("DELETE", None), ("PATCH", {"qty": "1"})):
        got = await desk.ask(method, f"{PAGE}/{done['id']}", change)
        assert (got.status, got.json()) == (422, body)


async def test_an_order_is_cancelled_once(desk):
    waits = await desk.submit(type="limit", limit_price="190")
    desk.control.stall(Asked.CANCEL)
    assert (await desk.ask("DELETE", f"{PAGE}/{waits['id']}")).status == 204
    got = await desk.ask("DELETE", f"{PAGE}/{waits['id']}")
    assert (got.status, got.json()["message"]) == (
        422,
        'order is already in "pending_cancel" state',
    )
    rows = (await desk.ask("DELETE", PAGE)).json()
    assert rows == [{"id": waits["id"], "status": 422}]


async def test_orders_on_their_way_cannot_be_replaced(desk, clock):
    async def message(one):
        got = await desk.ask("PATCH", f"{PAGE}/{one['id']}", {"qty": "1"})
        return got.status, got.json()["message"]

    waits = await desk.submit(type="limit", limit_price="190")
    desk.control.stall()
    fresh = await desk.submit(type="limit", limit_price="190")
    assert await message(fresh) == (422, "cannot replace order in pending_new status")
    await desk.ask("PATCH", f"{PAGE}/{waits['id']}", {"qty": "1"})
    assert await message(waits) == (422, "cannot replace order in pending_replace status")
    desk.control.unstall()
    desk.control.stall()
    await desk.ask("DELETE", f"{PAGE}/{fresh['id']}")
    assert await message(fresh) == (422, "cannot replace order in pending_cancel status")
    await clock.advance(6 * 3600)
    late = await desk.submit(type="limit", limit_price="190")
    assert await message(late) == (422, "cannot replace order in accepted status")


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({}, 42210000, "order parameters are not changed"),
        ({"limit_price": "190.00"}, 42210000, "order parameters are not changed"),
        ({"qty": "1.5"}, 42210000, "qty must be a whole number to replace an order"),
        ({"trail": "1"}, 42210000, "trail is only for trailing_stop orders"),
        ({"stop_price": "1"}, 42210000, "stop_price is not allowed for limit orders"),
        ({"time_in_force": "opg"}, 40010001, "invalid time_in_force"),
    ],
)
async def test_changes_that_make_no_sense(desk, change, code, message):
    waits = await desk.submit(type="limit", limit_price="190")
    got = await desk.ask("PATCH", f"{PAGE}/{waits['id']}", change)
    assert (got.status, got.json()) == (422, {"code": code, "message": message})


async def test_a_stop_has_no_limit_to_change(desk):
    await desk.submit()
    stop = await desk.submit("sell", type="stop", stop_price="190")
    got = await desk.ask("PATCH", f"{PAGE}/{stop['id']}", {"limit_price": "1"})
    assert got.json()["message"] == "limit_price is not allowed for stop orders"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (f"{PAGE}?limit=501", "limit must be between 1 and 500"),
        (f"{PAGE}?status=old", "invalid status"),
        (f"{PAGE}?after=yesterday", "invalid after"),
        ("/v2/account/activities?page_size=101", "page_size must be between 1 and 100"),
        ("/v2/account/activities?page_token=nowhere", "invalid page_token"),
        ("/v2/account/activities?date=today", "invalid date"),
        ("/v2/account/activities?until=today", "invalid until"),
        ("/v2/calendar?start=today", "invalid start or end"),
    ],
)
async def test_questions_that_make_no_sense(desk, path, message):
    await desk.submit(type="limit", limit_price="190")
    got = await desk.ask("GET", path)
    assert (got.status, got.json()) == (422, {"code": 40010001, "message": message})


async def test_a_part_of_a_position_is_a_number(desk):
    await desk.submit()
    for query in ({"qty": "x"}, {"qty": "1", "percentage": "50"}, {"percentage": "-1"}):
        got = await desk.ask("DELETE", "/v2/positions/AAA", **query)
        assert (got.status, got.json()["code"]) == (422, 40010001)


async def test_a_wrong_key(opened):
    async with opened() as caller:
        got = await caller.get("alpaca", "/v2/account", key="wrong")
    assert (got.status, got.json()) == (
        401,
        {"code": 40110000, "message": "request is not authorized"},
    )


async def test_the_two_hundred_first_request_of_a_minute(opened, clock):
    async with opened() as caller:
        got = [await caller.get("alpaca", "/v2/clock") for _ in range(201)]
        assert [one.status for one in got[-2:]] == [200, 429]
        assert got[-1].json() == {"code": 42910000, "message": "rate limit exceeded"}
        headers = [got[0].headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining")]
        assert headers == ["200", "199"]
        assert int(got[-1].headers["X-RateLimit-Reset"]) > clock.now().timestamp()
        # Market data have a limit of their own.
        data = await caller.get("alpaca", "/v2/stocks/quotes/latest", symbols="AAA", feed="iex")
        assert data.status == 200
        await clock.advance(61)
        assert (await caller.get("alpaca", "/v2/clock")).status == 200


async def test_the_limit_can_be_another(opened):
    async with opened(plans={"alpaca_trading": Limit(1, 60)}) as caller:
        got = [(await caller.get("alpaca", "/v2/clock")).status for _ in range(2)]
    assert got == [200, 429]
