"""How well trading is, as health and its check tell it."""

from typing import Any

from argo_core.testing.fake_broker import Fault


async def health(station: Any, level: str = "deep") -> tuple[dict[str, Any], dict[str, Any]]:
    body = await (await station.client.get(f"/api/v1/health?level={level}")).json()
    checks = {one["name"]: one for one in body["checks"]}
    return body["services"]["trading"], checks.get("trading", {})


async def test_trading_is_healthy_while_it_goes_on_and_the_books_agree(station: Any) -> None:
    trading, check = await health(station)
    assert trading == {
        "status": "healthy",
        "state": "ACTIVE",
        "ready": True,
        "reconciled_s": 1.0,
        "differences": 0,
        "stream": None,
    }
    assert (check["ok"], check["detail"]) == (True, "ACTIVE, broker fake, books compared 1 s ago")


async def test_trading_that_is_halted_is_degraded_and_signals_go_on(
    station: Any, floor: Any
) -> None:
    await floor.trader.halt("a storm")
    trading, check = await health(station)
    assert (trading["status"], trading["state"], check["ok"]) == ("degraded", "HALTED", True)


async def test_trading_that_hears_nothing_between_cycles_is_degraded(
    station: Any, floor: Any
) -> None:
    floor.trader.market.streaming = True
    trading, check = await health(station)
    assert (trading["status"], trading["stream"]) == ("healthy", True)
    floor.trader.market.streaming = False
    trading, check = await health(station)
    assert (trading["status"], trading["stream"], check["ok"]) == ("degraded", False, True)
    assert check["detail"].endswith("the stream is not connected")


async def test_books_that_differ_fail_the_check_and_it_tells_nothing_that_a_key_is_needed_for(
    station: Any, floor: Any
) -> None:
    await floor.price("MSFT", "400")
    floor.broker.sneak("MSFT", "7", "400")
    await floor.wait(61)
    await floor.wait(61)
    trading, check = await health(station)
    assert (trading["status"], trading["differences"]) == ("degraded", 1)
    assert not check["ok"]
    assert ": 1 differences" in check["detail"]
    assert "MSFT" not in check["detail"]


async def test_books_that_were_not_compared_for_long_are_unhealthy(
    station: Any, floor: Any
) -> None:
    floor.broker.fail(Fault.AWAY_BEFORE, 1_000)
    await floor.wait(181)
    trading, check = await health(station)
    assert (trading["status"], check["ok"]) == ("unhealthy", False)
    assert "too long" in check["detail"]


async def test_trading_that_cannot_be_written_down_is_unhealthy(station: Any, floor: Any) -> None:
    floor.journal.fail_before = True
    await floor.buy()
    trading, check = await health(station)
    assert (trading["status"], check["ok"]) == ("unhealthy", False)
    assert "it has stopped" in check["detail"]


async def test_who_only_asks_whether_it_is_ready_is_not_kept_waiting_by_trading(
    station: Any,
) -> None:
    trading, check = await health(station, "ready")
    assert (trading["status"], check) == ("healthy", {})
