"""Alpaca's stream of executions over loopback, against all that a connection can do."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from attrs import evolve

from argo_adapters.brokers.alpaca.broker import AlpacaBroker
from argo_adapters.brokers.alpaca.orders import OrderReader
from argo_adapters.brokers.alpaca.settings import AlpacaBrokerSettings
from argo_adapters.brokers.alpaca.updates import Inbox
from argo_adapters.clocks.system import SystemClock
from argo_adapters.http.fields import Node
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_core.consensus.opinion import SourceName
from argo_core.testing.fake_clock import FakeClock
from argo_core.trading.broker_view import BrokerUpdate, StreamGap
from argo_core.trading.order import Status

pytest.importorskip("alpaca", reason="the extra argo-adapters[alpaca] is not installed")

pytestmark = pytest.mark.oracle

KEY, SECRET = "canary-key-id", "canary-secret-key"
SHORT_S = 0.02

Conversation = Callable[[web.WebSocketResponse], Awaitable[None]]


def order(**changes: object) -> dict[str, Any]:
    return {
        "id": "904837e3-3b76-47ec-b432-046db621571b",
        "client_order_id": "id-1",
        "created_at": "2026-11-20T15:00:00Z",
        "updated_at": "2026-11-20T15:00:00Z",
        "submitted_at": "2026-11-20T15:00:00Z",
        "symbol": "AAPL",
        "asset_class": "us_equity",
        "qty": "3",
        "filled_qty": "0",
        "filled_avg_price": None,
        "type": "limit",
        "side": "buy",
        "limit_price": "205.8",
        "stop_price": None,
        "status": "new",
        "legs": None,
    } | changes


def told(event: str = "new", **data: object) -> bytes:
    message = {"stream": "trade_updates", "data": {"event": event, "order": order(), **data}}
    return json.dumps(message).encode()


def fill(id_: str) -> bytes:
    filled = order(status="filled", filled_qty="3", filled_avg_price="205.8")
    return told(
        "fill",
        execution_id=id_,
        price="205.8",
        qty="3",
        timestamp="2026-11-20T15:00:01.5Z",
        order=filled,
    )


async def admit(socket: web.WebSocketResponse, *, text: bool = False) -> None:
    """Authenticate the client and confirm that it listens."""
    asked = await socket.receive_json()
    assert asked["action"] == "authenticate"
    assert asked["data"] == {"key_id": KEY, "secret_key": SECRET}
    await say(socket, "authorization", {"status": "authorized"}, text=text)
    listen = await socket.receive_json()
    assert listen == {"action": "listen", "data": {"streams": ["trade_updates"]}}
    await say(socket, "listening", {"streams": ["trade_updates"]}, text=text)


async def say(
    socket: web.WebSocketResponse, stream: str, data: object, *, text: bool = False
) -> None:
    body = json.dumps({"stream": stream, "data": data})
    await (socket.send_str(body) if text else socket.send_bytes(body.encode()))


async def stay(socket: web.WebSocketResponse) -> None:
    """Until the client goes."""
    while (await socket.receive()).type not in {
        WSMsgType.CLOSE,
        WSMsgType.CLOSED,
        WSMsgType.CLOSING,
        WSMsgType.ERROR,
    }:
        pass


@asynccontextmanager
async def streaming(
    *conversations: Conversation, timeout_s: float = 5.0, refused_s: float = 300.0
) -> AsyncIterator[tuple[AlpacaBroker, list[int]]]:
    """A broker whose stream has these conversations one after the other, the last ones again."""
    count: list[int] = []

    async def serve(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        count.append(len(count))
        await conversations[min(count[-1], len(conversations) - 1)](socket)
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_get("/alpaca/stream", serve)
    async with TestServer(app) as server:
        settings = AlpacaBrokerSettings(
            KEY,
            SECRET,
            str(server.make_url("/alpaca")),
            timeout_s=timeout_s,
            backoff_s=SHORT_S,
            refused_s=refused_s,
        )
        broker = AlpacaBroker(settings, SystemClock(), turnstile=OpenTurnstile())
        try:
            yield broker, count
        finally:
            await broker.aclose()


async def heard(broker: AlpacaBroker, many: int) -> list[BrokerUpdate | StreamGap]:
    found: list[BrokerUpdate | StreamGap] = []
    async with asyncio.timeout(30), aclosing(broker.updates()) as updates:
        async for one in updates:
            found.append(one)
            if len(found) == many:
                return found
    raise AssertionError(found)


def kinds(messages: list[BrokerUpdate | StreamGap]) -> list[str]:
    return [
        "gap"
        if isinstance(one, StreamGap)
        else one.execution.id
        if one.execution
        else one.order.status
        for one in messages
    ]


@pytest.mark.parametrize("text", [True, False])
async def test_text_and_binary_are_heard_alike(text: bool) -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await admit(socket, text=text)
        for message in (told(), fill("x1")):
            await (socket.send_str(message.decode()) if text else socket.send_bytes(message))
        await stay(socket)

    async with streaming(talk) as (broker, _):
        found = await heard(broker, 3)
    assert kinds(found) == ["gap", "working", "x1"]
    assert isinstance(found[2], BrokerUpdate)
    assert found[2].order.status is Status.FILLED


async def test_whatever_is_said_twice_is_told_twice_with_the_same_id() -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        for id_ in ("x1", "x1", "x0"):
            await socket.send_bytes(fill(id_))
        await stay(socket)

    async with streaming(talk) as (broker, _):
        assert kinds(await heard(broker, 4)) == ["gap", "x1", "x1", "x0"]


async def test_every_break_is_a_gap_and_the_stream_goes_on() -> None:
    async def short(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        await socket.send_bytes(fill("x1"))

    async def cut(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        assert socket._req is not None
        assert socket._req.transport is not None
        socket._req.transport.abort()

    async def steady(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        await socket.send_bytes(fill("x2"))
        await stay(socket)

    async with streaming(short, cut, steady) as (broker, count):
        found = await heard(broker, 5)
    assert kinds(found) in (["gap", "x1", "gap", "gap", "x2"], ["gap", "x1", "gap", "x2"])
    assert len(count) == 3


async def test_a_gap_is_told_once_the_listening_is_confirmed_and_not_before() -> None:
    begun = asyncio.Event()

    async def slow(socket: web.WebSocketResponse) -> None:
        await socket.receive_json()
        await say(socket, "authorization", {"status": "authorized"})
        await socket.receive_json()
        await begun.wait()
        await say(socket, "listening", {"streams": ["trade_updates"]})
        await stay(socket)

    async with streaming(slow) as (broker, _), aclosing(broker.updates()) as updates:
        first = asyncio.ensure_future(anext(updates))
        done, _ = await asyncio.wait([first], timeout=0.3)
        assert not done
        begun.set()
        assert isinstance(await first, StreamGap)


async def test_a_stream_that_confirms_nothing_is_left_for_another() -> None:
    async def silent(socket: web.WebSocketResponse) -> None:
        await socket.receive_json()
        await say(socket, "authorization", {"status": "authorized"})
        await stay(socket)

    async def steady(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        await stay(socket)

    async with streaming(silent, steady, timeout_s=0.5) as (broker, count):
        assert kinds(await heard(broker, 1)) == ["gap"]
    assert len(count) == 2


@pytest.mark.parametrize(
    "message",
    [
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"5",
        b'{"stream":5}',
        b'{"stream":"trade_updates"}',
        b'{"stream":"trade_updates","data":[]}',
        b'{"stream":"trade_updates","data":{"event":"fill"}}',
        told("fill", execution_id="x9", price="NaN", qty="3", timestamp="2026-11-20T15:00:01Z"),
        b'{"stream":"trade_updates","data":{"event":"new","order":{}}}',
        b"x" * 2_000_000,
    ],
)
async def test_a_message_nobody_can_read_is_a_gap_and_no_end(message: bytes) -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        await socket.send_bytes(message)
        await socket.send_bytes(fill("x1"))
        await stay(socket)

    async def steady(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        await socket.send_bytes(fill("x1"))
        await stay(socket)

    async with streaming(talk, steady) as (broker, _):
        assert kinds(await heard(broker, 3)) == ["gap", "gap", "x1"]


async def test_news_of_other_kinds_are_let_pass() -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        await say(socket, "account_updates", {"status": "ACTIVE"})
        await socket.send_bytes(b'{"stream":"trade_updates","data":{"event":"sunrise"}}')
        await socket.send_bytes(told("restated"))
        await socket.send_bytes(told("never_heard_of", order=order(status="hovering")))
        await stay(socket)

    async with streaming(talk) as (broker, _):
        assert kinds(await heard(broker, 3)) == ["gap", "working", "working"]


async def test_a_refused_key_is_told_once_and_tried_again_seldom(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)

    async def refuse(socket: web.WebSocketResponse) -> None:
        await socket.receive_json()
        await say(socket, "authorization", {"status": "unauthorized"})
        await stay(socket)

    async def steady(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        await stay(socket)

    async with streaming(refuse, refuse, steady, refused_s=0.3) as (broker, count):
        began = SystemClock().monotonic()
        assert kinds(await heard(broker, 1)) == ["gap"]
        assert SystemClock().monotonic() - began >= 0.6
    assert len(count) == 3
    errors = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert [one.getMessage() for one in errors] == [
        "alpaca-paper: the stream broke: the key is not taken"
    ]
    assert "canary" not in caplog.text


async def test_nothing_that_is_logged_shows_a_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def echo(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        await socket.send_bytes(told("fill", execution_id=SECRET, price=SECRET, qty="3"))
        await stay(socket)

    async with streaming(echo) as (broker, _):
        assert kinds(await heard(broker, 2)) == ["gap", "gap"]
    assert "cannot be read" in caplog.text
    assert "canary" not in caplog.text


async def test_a_reader_that_is_too_slow_gets_a_gap_for_all_it_has_missed() -> None:
    inbox = Inbox(FakeClock(), capacity=3)
    said = Node(SourceName("alpaca-paper"), json.loads(fill("x1"))["data"])
    update = OrderReader().update(said)
    assert update is not None
    for _ in range(3):
        inbox.put(update)
    inbox.put(update)
    inbox.put(update)
    assert isinstance(await inbox.take(), StreamGap)
    assert await inbox.take() is update
    inbox.put(update)
    inbox.close()
    assert await inbox.take() is None


async def test_closing_ends_every_listener_within_a_second() -> None:
    async def deaf(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        # It answers no close.
        await asyncio.Event().wait()

    async with streaming(deaf) as (broker, _):
        streams = [broker.updates() for _ in range(2)]
        for one in streams:
            assert isinstance(await anext(one), StreamGap)
        waiting = [asyncio.ensure_future(anext(one)) for one in streams]
        began = SystemClock().monotonic()
        await broker.aclose()
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert SystemClock().monotonic() - began < 2
        assert [type(one) for one in ends] == [StopAsyncIteration] * 2


async def test_a_listener_that_goes_leaves_nothing_behind() -> None:
    gone = asyncio.Event()

    async def talk(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        await stay(socket)
        gone.set()

    async with streaming(talk) as (broker, _):
        await heard(broker, 1)
        async with asyncio.timeout(5):
            await gone.wait()
        assert not [one for one in asyncio.all_tasks() if one.get_name() == "alpaca-updates"]


async def test_pauses_grow_and_stop_growing() -> None:
    settings = evolve(AlpacaBrokerSettings(KEY, SECRET), backoff_s=1.0)
    broker = AlpacaBroker(settings, FakeClock(), turnstile=OpenTurnstile())
    pauses = [broker._updates._pause_s(failures) for failures in (1, 2, 3, 6, 1_000)]
    assert pauses == [1, 2, 4, 30, 30]
    await broker.aclose()
