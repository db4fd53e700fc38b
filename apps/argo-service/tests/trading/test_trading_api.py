"""What the API shows of trading, and to whom."""

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from argo_core.testing.fake_broker import Fault
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.trading_stage import signal_of
from argo_service.api.openapi import openapi
from argo_service.api.routes import OPERATIONS
from argo_service.api.trading_operations import TRADING_OPERATIONS
from argo_service.api_keys import Scope

BASE = "/api/v1/trading"
READS = ("account", "risk", "positions", "orders", "fills", "denials")


async def get(station: Any, path: str, status: int = 200, **headers: str) -> Any:
    response = await station.client.get(f"{BASE}/{path}", headers=headers)
    assert response.status == status, await response.text()
    return await response.json(content_type=None)


async def key(station: Any, *scopes: Scope) -> dict[str, str]:
    now = station.clock.now()
    _, text = await asyncio.to_thread(station.keys.add, "somebody", frozenset(scopes), now, None)
    return {"Authorization": f"Bearer {text}"}


async def test_the_account_is_marked_at_the_newest_prices(station: Any, floor: Any) -> None:
    await floor.buy()
    await floor.price("AAPL", "101")
    body = await get(station, "account")
    # 49 shares were bought at the ask, five cents above the middle.
    assert (body["equity"], body["cash"]) == ("100046.55", "95097.55")
    assert (body["day_pnl"], body["open_pnl"]) == ("46.55", "46.55")
    assert body["day_return"] == "0.000466"
    assert (body["gross"], body["positions"], body["open_orders"]) == ("4949", 1, 2)
    assert (body["broker"], body["state"], body["ready"]) == ("fake", "ACTIVE", True)


async def test_a_position_shows_its_plan_and_how_much_of_it_is_protected(
    station: Any, floor: Any
) -> None:
    await floor.buy()
    (one,) = (await get(station, "positions"))["positions"]
    assert (one["symbol"], one["quantity"], one["average"]) == ("AAPL", "49", "100.05")
    assert (one["unrealised"], one["sector"]) == ("-2.45", "sector of AAPL")
    assert (one["protected"], one["armed"]) == ("49", "49")
    assert one["stop_orders"] == ["fake-2"]
    assert (one["plan"]["stop"], one["plan"]["target"]) == ("98", "103")
    assert (one["plan"]["signal_index"], one["plan"]["exit"]) == (1, None)


async def test_what_is_earned_by_closing_is_realised(station: Any, floor: Any) -> None:
    await floor.buy()
    await floor.price("AAPL", "103.10")
    await floor.wait(1)
    assert (await get(station, "positions"))["positions"] == []
    newest, *_ = (await get(station, "fills"))["fills"]
    assert (newest["leg"], newest["price"], newest["realised"]) == ("target", "103.05", "147")
    body = await get(station, "account")
    assert (body["realised"], body["open_pnl"], body["cash"]) == ("147", "0", "100147")


async def test_an_order_is_shown_with_what_the_rules_said_and_all_that_happened(
    station: Any, floor: Any
) -> None:
    await floor.buy()
    entry = (await get(station, "orders"))["orders"][-1]
    body = await get(station, f"orders/{entry['id']}")
    assert body["order"] == entry
    assert body["certificate"]["allowed"]
    rules = {one["rule"]: one for one in body["certificate"]["rules"]}
    assert rules["order_value"]["margin"] == "94.61"
    assert rules["order_value"]["inputs"]["value"] == "4905.39"
    assert rules["order_value"]["bounds"]
    facts = [one["fact"] for one in body["history"]]
    assert facts == ["judged", "intended", "told", "told"]
    assert body["history"][-1]["said"]["executed"] == "49"


async def test_stops_and_targets_need_no_certificate(station: Any, floor: Any) -> None:
    await floor.buy()
    body = await get(station, "orders/fake-2")
    assert (body["order"]["leg"], body["order"]["status"]) == ("stop", "working")
    assert body["certificate"] is None
    assert body["history"]


async def test_a_denied_order_is_found_with_every_reason(station: Any, floor: Any) -> None:
    await floor.trader.halt("a storm")
    await floor.price("AAPL", "100", signal_of("AAPL", floor.clock.now()))
    (denied,) = (await get(station, "denials"))["denials"]
    assert not denied["allowed"]
    assert denied["denials"] == ["STATE"]
    (rule,) = [one for one in denied["rules"] if one["denial"]]
    assert rule["meaning"].startswith("Trading is reduced or halted")
    assert await get(station, "denials?symbol=MSFT") == {"denials": []}
    body = await get(station, f"orders/{denied['order_id']}")
    assert (body["order"], body["certificate"]) == (None, denied)


async def test_the_risk_tells_causes_margins_limits_and_when_the_books_were_compared(
    station: Any, floor: Any
) -> None:
    await floor.buy()
    await floor.trader.halt("a storm")
    body = await get(station, "risk")
    (cause,) = body["causes"]
    assert (body["state"], cause["cause"], cause["why"]) == ("HALTED", "operator", "a storm")
    assert cause["ends_by"] == "operator"
    margins = {one["rule"]: one["margin"] for one in body["rules"]}
    assert (margins["positions"], margins["rate_minute"]) == ("9", "9")
    assert body["symbols"]["AAPL"]["margin"] == "5099.755"
    assert body["sectors"]["sector of AAPL"]["margin"] == "25099.265"
    assert (body["limits"]["quote_age_s"], body["limits"]["short_selling"]) == ("15", "false")
    assert body["reconciliation"] == {
        "ready": True,
        "at": "2024-11-25T15:00:00.000000Z",
        "age_s": 2.0,
        "differences": [],
    }


async def test_a_difference_in_the_books_is_shown(station: Any, floor: Any) -> None:
    await floor.price("MSFT", "400")
    floor.broker.sneak("MSFT", "7", "400")
    await floor.wait(61)
    await floor.wait(61)
    body = await get(station, "risk")
    assert body["state"] == "REDUCING"
    (difference,) = body["reconciliation"]["differences"]
    assert (difference["symbol"], difference["theirs"]) == ("MSFT", "7")
    assert [one["cause"] for one in body["causes"]] == ["drift"]


async def test_orders_are_filtered_by_status_and_symbol(station: Any, floor: Any) -> None:
    await floor.buy("AAPL")
    await floor.buy("MSFT")

    async def found(query: str) -> list[tuple[str, str]]:
        orders = (await get(station, f"orders?{query}"))["orders"]
        return [(one["symbol"], one["leg"]) for one in orders]

    assert await found("status=closed") == [("MSFT", "entry"), ("AAPL", "entry")]
    assert await found("status=open&symbol=AAPL") == [("AAPL", "target"), ("AAPL", "stop")]
    assert len(await found("status=all")) == 6


async def test_pages_hold_everything_once_though_orders_come_in_between(
    station: Any, floor: Any
) -> None:
    await floor.buy("AAPL")
    every = [one["id"] for one in (await get(station, "orders"))["orders"]]
    first = await get(station, "orders?limit=2")
    await floor.buy("MSFT")
    second = await get(station, f"orders?limit=2&cursor={first['next']}")
    assert [one["id"] for one in first["orders"] + second["orders"]] == every
    assert second["next"] is None


async def test_fills_come_in_pages_by_symbol(station: Any, floor: Any) -> None:
    for symbol in ("AAPL", "MSFT"):
        await floor.buy(symbol)
    first = await get(station, "fills?limit=1")
    second = await get(station, f"fills?limit=1&cursor={first['next']}")
    symbols = [one["symbol"] for one in first["fills"] + second["fills"]]
    assert (symbols, second["next"]) == (["MSFT", "AAPL"], None)
    (only,) = (await get(station, "fills?symbol=AAPL"))["fills"]
    assert only == second["fills"][0]


async def test_a_cursor_belongs_to_its_question(station: Any, floor: Any) -> None:
    await floor.buy()
    cursor = (await get(station, "orders?limit=1"))["next"]
    problem = await get(station, f"orders?status=open&cursor={cursor}", 400)
    assert (problem["field"], problem["fix"][:16]) == ("cursor", "keep the filters")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("orders?status=lost", "status"),
        ("orders?statu=open", "statu"),
        ("orders?symbol=aapl", "symbol"),
        ("orders?limit=0", "limit"),
        ("orders?cursor=!", "cursor"),
        ("orders?cursor=W10", "cursor"),
        ("orders?cursor=WzEsMl0", "cursor"),
        ("fills?cursor=W10", "cursor"),
        ("denials?cursor=x", "cursor"),
        ("account?x=1", "x"),
        ("risk?x=1", "x"),
        ("positions?x=1", "x"),
        ("orders/A?x=1", "x"),
    ],
)
async def test_a_parameter_that_is_not_meant_so_is_refused_by_name(
    station: Any, path: str, field: str
) -> None:
    assert (await get(station, path, 400))["field"] == field


@pytest.mark.parametrize("order_id", ["A" * 32, "A" * 200, "%0A", "%F0%9F%92%A9"])
async def test_an_order_that_never_was_is_not_there(station: Any, order_id: str) -> None:
    assert (await get(station, f"orders/{order_id}", 404))["type"] == "/docs#problem-not-there"


async def test_keys_that_read_signals_do_not_see_what_sealed_ones_say(
    station: Any, floor: Any
) -> None:
    await floor.buy()
    readers = await key(station, Scope.READ, Scope.REALTIME)
    traders, admins = await key(station, Scope.TRADING), await key(station, Scope.ADMIN)
    await station.keyring.refresh()
    for path in (*READS, "orders/fake-2"):
        assert (await get(station, path, 401))["status"] == 401
        assert "'trading'" in (await get(station, path, 403, **readers))["detail"]
        await get(station, path, 200, **traders)
        await get(station, path, 200, **admins)


async def test_metrics_tell_nothing_but_sums(station: Any, floor: Any) -> None:
    await floor.buy()
    text = await (await station.client.get("/metrics")).text()
    assert "argo_equity_dollars 99997.55" in text
    assert "argo_trading_day_pnl_dollars -2.45" in text
    assert 'argo_trading_state{state="ACTIVE"} 1.0' in text
    assert "AAPL" not in text


async def test_metrics_of_trading_are_for_those_who_may_see_positions(
    station: Any, floor: Any
) -> None:
    await floor.buy()
    readers = await key(station, Scope.READ)
    both = await key(station, Scope.READ, Scope.TRADING)
    await station.keyring.refresh()
    told = [
        await (await station.client.get("/metrics", headers=one)).text() for one in (readers, both)
    ]
    assert ["argo_equity_dollars" in text for text in told] == [False, True]
    assert all("argo_log_size" in text for text in told)


@pytest.mark.parametrize("operation", TRADING_OPERATIONS, ids=lambda one: one.handler.__name__)
async def test_answers_of_trading_are_what_the_description_says(
    station: Any, floor: Any, operation: Any, conforming: Any
) -> None:
    await floor.buy()
    await floor.price("AAPL", "100", signal_of("AAPL", floor.clock.now(), name="again"))
    path = operation.template.replace("{id}", (await get(station, "orders"))["orders"][-1]["id"])
    for body in ({"reason": "x"}, {"reason": 1}):
        more = {"json": body} if operation.method == "POST" else {}
        response = await station.client.request(operation.method, path, **more)
        document = openapi(OPERATIONS)
        described = document["paths"][operation.template][operation.method.lower()]["responses"]
        content = described[str(response.status)]["content"][response.content_type]
        answer = json.loads(await response.read())
        assert conforming(answer, content["schema"], document["components"]["schemas"]) == []


async def test_amounts_are_decimals_without_needless_digits(station: Any, floor: Any) -> None:
    await floor.buy()
    account = await get(station, "account")
    amounts = {value for value in account.values() if isinstance(value, str) and "." in value}
    assert not [one for one in amounts if one.endswith("0")]
    assert all(Decimal(one).as_tuple().exponent >= -6 for one in amounts if "T" not in one)


class TestBeforeTheBrokersBooksAreRead:
    """The broker does not answer, so nothing is known of the account."""

    @pytest.fixture
    async def floor(self, clock: FakeClock, make_floor: Any) -> AsyncIterator[Any]:
        floor = make_floor(clock)
        floor.broker.fail(Fault.AWAY_BEFORE, 1_000)
        await floor.begin()
        yield floor
        await floor.trader.stop()

    async def test_money_is_not_made_up(self, station: Any) -> None:
        for path in ("account", "risk", "positions"):
            response = await station.client.get(f"{BASE}/{path}")
            assert response.status == 503
            assert response.headers["Retry-After"] == "1"
            body = await response.json(content_type=None)
            assert body["type"] == "/docs#problem-not-ready"

    async def test_orders_are_shown_as_far_as_they_are_known(self, station: Any) -> None:
        assert await get(station, "orders") == {"orders": [], "next": None}

    async def test_metrics_go_without(self, station: Any) -> None:
        text = await (await station.client.get("/metrics")).text()
        assert 'argo_trading_state{state="ACTIVE"} 0.0' in text


class TestWhereNothingIsTraded:
    """Trading is switched off."""

    @pytest.fixture
    def trader(self) -> None:
        return None

    @pytest.mark.parametrize("path", [*READS, "orders/A"])
    async def test_every_path_says_how_to_switch_it_on(self, station: Any, path: str) -> None:
        problem = await get(station, path, 409)
        assert problem["type"] == "/docs#problem-trading-off"
        assert "trading.enabled" in problem["detail"]

    @pytest.mark.parametrize("path", ["halt", "resume", "flatten"])
    async def test_nothing_can_be_held_back(self, station: Any, path: str) -> None:
        client: TestClient[web.Request, web.Application] = station.client
        response = await client.post(f"{BASE}/{path}", json={"reason": "x"})
        assert response.status == 409

    async def test_health_has_no_trading(self, station: Any) -> None:
        body = await (await station.client.get("/api/v1/health?level=deep")).json()
        assert body["services"]["trading"] is None
