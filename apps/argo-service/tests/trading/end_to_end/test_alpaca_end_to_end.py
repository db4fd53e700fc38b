"""`argo serve` trades at Alpaca, as the simulator plays it: from a signal to the record.

The command is the real one; its clock alone is the tape's.
"""

import asyncio
import math
import os
import socket
from collections import Counter
from decimal import Decimal
from random import Random
from typing import Any, Final

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_adapters.simulator.app import serving, simulate
from argo_adapters.sqlite.verify import verify

pytest.importorskip("alpaca", reason="the extra argo-adapters[alpaca] is not installed")

pytestmark = [pytest.mark.oracle, pytest.mark.timed]

QUICK_S: Final = 6
KILLS: Final = int(os.environ.get("ARGO_TORTURE_KILLS", "2"))  # noqa: TID251 - how long to torture
OPEN: Final = {"new", "held", "partially_filled", "pending_new", "accepted", "pending_cancel"}


def whole(body: Any) -> bool:
    """Whether there is a position, and a stop at the broker for all of it."""
    return bool(body["positions"]) and all(
        one["protected"] == one["quantity"] for one in body["positions"]
    )


def legs(world: Any) -> list[tuple[str, str, str]]:
    """The exchange's orders: what kind, how they are grouped, how they stand."""
    return [(one["type"], one["order_class"], one["status"]) for one in world.trading.orders()]


async def test_a_signal_becomes_a_protected_position_that_earns_its_target(world: Any) -> None:
    # Nobody looks for half a minute of the wall but when the stream begins: it is what tells.
    world.configure("trading.reconcile_s = 600\n")
    service = await world.serve("--record", "day.recording.gz")
    (held,) = (await service.until("trading/positions", whole))["positions"]
    # An entry before it may have waited for its price in vain.
    entry, target, stop = legs(world)[-3:]
    assert entry == ("limit", "bracket", "filled")
    assert (target, stop) == (("limit", "bracket", "new"), ("stop", "bracket", "new"))
    (there,) = world.trading.positions()
    assert (held["quantity"], held["average"]) == (there["qty"], there["avg_entry_price"])
    assert held["stop_orders"] == [world.trading.orders()[-1]["id"]]
    account = await service.get("trading/account")
    assert (account["state"], account["ready"]) == ("ACTIVE", True)
    assert account["cash"] == world.trading.account()["cash"]

    # The target is met, and nobody tells us but the stream.
    await service.until("trading/account", lambda _: world.trading.listeners)
    price = Decimal(held["plan"]["target"])
    world.trading.quote("NVR", price, price + 1)
    await service.until("trading/positions", lambda body: not body["positions"])
    newest, *_, oldest = (await service.get("trading/fills"))["fills"]
    assert (oldest["leg"], newest["leg"]) == ("entry", "target")
    earned = (price - Decimal(held["average"])) * Decimal(held["quantity"])
    assert Decimal(newest["realised"]) == earned
    world.trading.unquote("NVR")
    await world.recorded("filled", 2)
    assert await service.stop() < QUICK_S

    kept = await world.kept()
    book = kept.book
    assert [(str(one.order_id), one.quantity, one.price) for one in book.fills] == [
        (order_of(world, one["order_id"]), Decimal(one["qty"]), Decimal(one["price"]))
        for one in world.trading.fills()
    ]
    assert book.cash == Decimal(world.trading.account()["cash"]) == 1_000_000 + earned
    assert kept.fills == [one.execution_id for one in book.fills]
    assert (await asyncio.to_thread(verify, world.database)).verified
    world.replay("day.recording.gz")


def order_of(world: Any, exchange_id: str) -> str:
    """The id under which we know an order of the exchange's."""
    (found,) = [one for one in world.trading.orders() if one["id"] == exchange_id]
    return str(found["client_order_id"])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def test_an_exchange_that_is_away_at_the_start_is_waited_for(world: Any) -> None:
    port = free_port()
    world.exchange = f"http://127.0.0.1:{port}/alpaca"
    world.configure()
    service = await world.serve()
    denied = await service.until("trading/denials", lambda body: body["denials"])
    assert "STATE" in denied["denials"][0]["denials"]
    await service.get("trading/account", 503)
    before = len((await service.get("signals"))["signals"])
    await service.until("signals", lambda body: len(body["signals"]) > before)

    app = await asyncio.to_thread(
        lambda: simulate(world.tape, world.clock, latency_scale=math.inf, limits=False)
    )
    async with serving(app, port) as exchange:
        account = await service.until("trading/account", lambda body: body["state"] == "ACTIVE")
        assert (account["ready"], account["cash"]) == (True, "100000")
        assert exchange.trading.orders() == []
        assert await service.stop() < QUICK_S


def meet(world: Any) -> None:
    """The market comes to the newest entry, wherever it has gone meanwhile."""
    entry = [one for one in world.trading.orders() if one["side"] == "buy"][-1]
    limit = Decimal(entry["limit_price"])
    world.trading.quote("NVR", limit - 1, limit)


async def test_an_order_in_flight_at_a_polite_end_is_known_to_the_next_life(world: Any) -> None:
    world.trading.stall()
    service = await world.serve()
    await service.until("trading/orders", lambda body: body["orders"])
    assert await service.stop() < QUICK_S
    world.trading.unstall()
    meet(world)
    assert [status for *_, status in legs(world)] == ["filled", "new", "new"]
    await resumed(world)


async def test_an_exchange_that_hangs_does_not_hold_up_the_end(world: Any) -> None:
    world.trading.slow(30, 100, ("POST",))
    service = await world.serve()
    await service.until("trading/orders", lambda body: body["orders"])
    # Three seconds of it are for the answer, which might come after all.
    assert await service.stop() < QUICK_S + 2
    meet(world)
    await resumed(world)


async def resumed(world: Any) -> None:
    """The next life finds the position and its stop, and places nothing of the kind again."""
    service = await world.serve()
    (held,) = (await service.until("trading/positions", whole))["positions"]
    assert held["quantity"] == world.trading.positions()[0]["qty"]
    assert await service.stop() < QUICK_S
    book = (await world.kept()).book
    assert [one["client_order_id"] for one in world.trading.orders()] == list(book.orders)
    assert len(book.orders) == 3
    assert book.cash == Decimal(world.trading.account()["cash"])


@pytest.mark.timeout(90 + 20 * KILLS)
async def test_however_often_the_service_is_killed_the_exchange_has_the_same_books(
    world: Any,
) -> None:
    moments = Random(20241125)  # noqa: S311 - seeded chance is wanted, not secrecy
    world.configure_busily()
    world.trading.partial(0.5, pause_s=10.0)
    world.trading.double_messages(0.3)
    world.trading.drop_messages(rate=0.1)
    for _ in range(KILLS):
        service = await world.serve()
        await service.compared()
        await SystemClock().sleep(moments.uniform(0.0, 4.0))
        await service.kill()
    service = await world.serve()
    await service.compared()
    await world.recorded("filled")
    # The market goes on without us, so that only what is closed can be compared in peace.
    await service.post("trading/flatten", reason="the end of a test")
    await service.until("trading/account", is_flat)
    assert await service.stop() < QUICK_S
    kept, there = await world.kept(), world.trading.orders()
    book = kept.book
    ids = [one["client_order_id"] for one in there]
    assert len(set(ids)) == len(ids)
    assert set(ids) <= book.orders.keys()
    assert world.trading.positions() == []
    assert [one for one in there if one["status"] in OPEN] == []
    assert {id_: book.orders[id_].filled for id_ in ids} == {
        one["client_order_id"]: Decimal(one["filled_qty"]) for one in there
    }
    assert book.cash == Decimal(world.trading.account()["cash"])
    # Of an order that was not heard to be filled the exchange tells a rounded average alone.
    assert abs(book.cash - book.opened - kept.earned) < Decimal("0.01")
    assert Counter(kept.fills) == Counter(kept.executions)
    assert (await asyncio.to_thread(verify, world.database)).verified


def is_flat(body: Any) -> bool:
    return (body["positions"], body["open_orders"]) == (0, 0)
