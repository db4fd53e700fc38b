"""The simulated stream of trade updates: its frames, its order, and what can befall messages."""

import json

import aiohttp
import pytest

from argo_adapters.simulator.alpaca.trading.asks import Asked
from argo_adapters.simulator.alpaca.trading.line import MOST_WAITING, Line
from argo_adapters.simulator.simulation import KEY

BOTH_KEYS = {"key_id": KEY, "secret_key": KEY}
PAGE = "/v2/orders"


async def next_data(socket):
    return json.loads(await socket.receive_bytes())


@pytest.fixture
async def stream(desk):
    async with desk.listening() as socket:
        yield socket


async def test_keys_are_shown_before_anything_is_heard(desk):
    async with desk.connected("/stream") as socket:
        await socket.send_json({"action": "listen", "data": {"streams": ["trade_updates"]}})
        assert await next_data(socket) == {
            "stream": "authorization",
            "data": {"status": "unauthorized", "action": "listen"},
        }
        await socket.send_json({"action": "authenticate", "data": BOTH_KEYS | {"key_id": "no"}})
        assert (await next_data(socket))["data"]["status"] == "unauthorized"
        # Clients send binary frames too, and the older words.
        await socket.send_bytes(json.dumps({"action": "auth", "key": KEY, "secret": KEY}).encode())
        assert await next_data(socket) == {
            "stream": "authorization",
            "data": {"status": "authorized", "action": "authenticate"},
        }
        await socket.send_json({"action": "listen", "data": {"streams": ["trade_updates", "x"]}})
        assert await next_data(socket) == {
            "stream": "listening",
            "data": {"streams": ["trade_updates"]},
        }
        assert desk.control.listeners == 1
        await socket.send_json({"action": "listen", "data": {"streams": []}})
        assert (await next_data(socket))["data"] == {"streams": []}
        assert desk.control.listeners == 0


@pytest.mark.parametrize("said", ["no json", "[1]", '{"action":"dance"}'])
async def test_what_is_not_understood_is_answered(desk, said):
    async with desk.connected("/stream") as socket:
        await socket.send_str(said)
        assert (await next_data(socket))["stream"] == "error"


async def test_a_fill_tells_what_was_executed_and_the_order_as_it_then_is(desk, stream):
    order = await desk.submit()
    pending, new, fill = [await next_data(stream) for _ in range(3)]
    assert [one["data"]["event"] for one in (pending, new, fill)] == ["pending_new", "new", "fill"]
    assert pending["data"]["order"] == order
    assert not {"execution_id", "price", "qty", "position_qty"} & set(new["data"])
    told = fill["data"]
    assert (told["price"], told["qty"], told["position_qty"]) == ("200.1", "3", "3")
    assert told["order"] == await desk.order(order)
    assert told["timestamp"] == told["order"]["filled_at"]
    assert told["execution_id"] in desk.control.fills()[0]["id"]


async def test_an_order_that_is_filled_in_parts(desk, stream):
    desk.control.parts(1, 1, every_s=0)
    await desk.submit()
    desk.control.go_on()
    names = ["pending_new", "new", "partial_fill", "partial_fill", "fill"]
    told = [(await next_data(stream))["data"] for _ in names]
    assert [one["event"] for one in told] == names
    assert [one["order"]["filled_qty"] for one in told] == ["0", "0", "1", "2", "3"]
    assert len({one["execution_id"] for one in told[2:]}) == 3


async def test_the_life_of_a_bracket(desk, stream):
    await desk.bracket()
    desk.control.quote("AAA", "190", "190.1")
    assert await desk.events(stream) == [
        ("pending_new", "limit"),
        ("new", "limit"),
        ("fill", "limit"),
        ("new", "limit"),
        ("new", "stop"),
        ("fill", "stop"),
        ("canceled", "limit"),
    ]


async def test_a_bracket_shows_its_legs_in_its_parents_messages(desk, stream):
    entry = await desk.bracket()
    told = (await next_data(stream))["data"]["order"]
    assert [leg["id"] for leg in told["legs"]] == [leg["id"] for leg in entry["legs"]]


async def test_cancelling_and_replacing(desk, stream):
    order = await desk.submit(type="limit", limit_price="190")
    await desk.events(stream)
    new = (await desk.ask("PATCH", f"{PAGE}/{order['id']}", {"limit_price": "191"})).json()
    told = [(await next_data(stream))["data"] for _ in range(3)]
    assert [one["event"] for one in told] == ["pending_replace", "replaced", "new"]
    assert (told[1]["order"]["id"], told[1]["order"]["replaced_by"]) == (order["id"], new["id"])
    assert (told[2]["order"]["id"], told[2]["order"]["replaces"]) == (new["id"], order["id"])
    await desk.ask("DELETE", f"{PAGE}/{new['id']}")
    assert await desk.events(stream) == [("pending_cancel", "limit"), ("canceled", "limit")]


async def test_rejected_expired_and_queued_orders(desk, stream, clock):
    desk.control.reject_next()
    await desk.submit()
    assert await desk.events(stream) == [("pending_new", "market"), ("rejected", "market")]
    await desk.submit(type="limit", limit_price="190")
    await desk.events(stream)
    await clock.advance(6 * 3600)
    assert await desk.events(stream) == [("expired", "limit")]
    await desk.submit()
    assert await desk.events(stream) == [("accepted", "market")]
    await clock.advance(18 * 3600)
    names = [name for name, _ in await desk.events(stream)]
    assert names == ["pending_new", "new", "fill"]


async def test_stamps_of_messages_never_repeat(desk, stream):
    await desk.bracket()
    stamps = [(await next_data(stream))["data"]["timestamp"] for _ in range(5)]
    # In whole seconds there are no decimals, so the texts are compared without their Z.
    assert stamps == sorted(set(stamps), key=lambda text: text.rstrip("Z"))


async def test_nothing_is_told_again_after_a_break(desk):
    async with desk.listening() as socket:
        await desk.submit()
        assert len(await desk.events(socket)) == 3
        desk.control.kill_streams()
        message = await socket.receive()
        assert message.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
    await desk.submit()
    async with desk.listening() as socket:
        assert await desk.events(socket) == []
        await desk.submit("sell")
        assert len(await desk.events(socket)) == 3


async def test_every_connection_hears(desk, stream):
    async with desk.listening() as other:
        await desk.submit()
        assert await desk.events(other) == await desk.events(stream)


@pytest.mark.parametrize(
    ("sequencing", "places"), [("kept", [0, 1, 2]), ("reversed", [2, 1, 0]), ("shuffled", None)]
)
async def test_held_messages_leave_in_the_order_wished_for(desk, stream, sequencing, places):
    kept = ["pending_new", "new", "fill"]
    orders = []
    for seed in range(4):
        desk.control.hold_messages()
        await desk.submit()
        assert await desk.events(stream) == []
        assert desk.control.release(sequencing, seed) == 3
        orders.append([name for name, _ in await desk.events(stream)])
    assert all(sorted(one) == sorted(kept) for one in orders)
    if places is not None:
        assert orders == [[kept[place] for place in places]] * 4
    else:
        assert len({tuple(one) for one in orders}) > 1
    await desk.submit()
    assert [name for name, _ in await desk.events(stream)] == kept


async def test_messages_are_lost_by_number_or_by_rate(desk, stream):
    desk.control.drop_messages(2)
    await desk.submit()
    assert await desk.events(stream) == [("fill", "market")]
    desk.control.drop_messages(rate=1)
    await desk.submit()
    assert await desk.events(stream) == []
    desk.control.drop_messages()
    await desk.submit()
    assert len(await desk.events(stream)) == 3


async def test_messages_are_doubled(desk, stream):
    desk.control.double_messages(1)
    await desk.submit()
    names = [name for name, _ in await desk.events(stream)]
    assert names == ["pending_new"] * 2 + ["new"] * 2 + ["fill"] * 2


async def test_messages_are_late_on_the_tapes_clock(desk, stream, clock):
    desk.control.delay_messages(120)
    await desk.submit()
    await clock.advance(119)
    assert await desk.events(stream) == []
    await clock.advance(1)
    assert len(await desk.events(stream)) == 3


async def test_a_restart_forgets_messages_and_keeps_the_books(desk, clock):
    desk.control.delay_messages(60)
    order = await desk.submit()
    desk.control.restart()
    desk.control.delay_messages(0)
    async with desk.listening() as socket:
        await clock.advance(61)
        assert await desk.events(socket) == []
    assert await desk.statuses(order) == ["filled"]
    assert (await desk.get("/v2/positions/AAA"))["qty"] == "3"


async def test_a_cancelled_pair_ends_without_a_second_refusal(desk, stream):
    entry = await desk.bracket()
    await desk.events(stream)
    desk.control.stall(Asked.CANCEL)
    for leg in entry["legs"]:
        await desk.ask("DELETE", f"{PAGE}/{leg['id']}")
    desk.control.unstall()
    assert await desk.events(stream) == [
        ("pending_cancel", "limit"),
        ("pending_cancel", "stop"),
        ("canceled", "limit"),
        ("canceled", "stop"),
    ]


async def test_who_reads_too_slowly_is_cut_off():
    class Transport:
        aborted = False

        def abort(self):
            self.aborted = True

    class Request:
        transport = Transport()

    line = Line(Request())
    for _ in range(MOST_WAITING):
        line.put(b"")
    assert not Request.transport.aborted
    line.put(b"")
    assert Request.transport.aborted
