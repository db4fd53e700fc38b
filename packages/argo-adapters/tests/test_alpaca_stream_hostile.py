"""Alpaca's stream of market data against all that a connection can do."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from attrs import define, field

from argo_adapters.clocks.system import SystemClock
from argo_adapters.http.client import open_session
from argo_adapters.http.key import FixedKey
from argo_adapters.vendors.alpaca.stream import AlpacaMarketStream
from argo_adapters.vendors.alpaca.stream_settings import AlpacaStreamSettings
from argo_core.market.halt import Halt
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.moment import from_micros, to_micros
from argo_core.market.quote import Quote
from argo_core.trading.broker_view import StreamGap
from argo_core.trading.ticks import Tick

KEY, SECRET = "canary-key-id", "canary-secret-key"
SHORT_S = 0.02
CLOCK = SystemClock()
AAPL = Symbol("AAPL")

Conversation = Callable[[web.WebSocketResponse], Awaitable[None]]


async def say(socket: web.WebSocketResponse, *rows: object) -> None:
    await socket.send_str(json.dumps(rows))


async def admit(socket: web.WebSocketResponse) -> None:
    """Do all that a client may ask at the beginning."""
    await say(socket, {"T": "success", "msg": "connected"})
    assert await socket.receive_json() == {"action": "auth", "key": KEY, "secret": SECRET}
    await say(socket, {"T": "success", "msg": "authenticated"})
    asked = await socket.receive_json()
    assert asked == {"action": "subscribe", "statuses": ["AAPL", "MSFT"]}
    await say(socket, {"T": "subscription", "statuses": ["AAPL", "MSFT"]})


async def stay(socket: web.WebSocketResponse) -> None:
    """Until the client goes."""
    while (await socket.receive()).type in {WSMsgType.TEXT, WSMsgType.BINARY}:
        pass


def error(code: int) -> Conversation:
    async def refuse(socket: web.WebSocketResponse) -> None:
        await say(socket, {"T": "error", "code": code, "msg": f"{SECRET} is bad"})
        await stay(socket)

    refuse.__name__ = f"error_{code}"
    return refuse


def halt(code: str = "H", symbol: str = "AAPL") -> dict[str, Any]:
    at = from_micros(to_micros(CLOCK.now())).isoformat()
    return {"T": "s", "S": symbol, "sc": code, "sm": "", "rc": "T1", "rm": "", "t": at, "z": "C"}


def quote(bid: float) -> dict[str, Any]:
    at = from_micros(to_micros(CLOCK.now())).isoformat()
    return {"T": "q", "S": "AAPL", "bp": bid, "ap": bid + 1, "t": at}


@define
class Line:
    stream: AlpacaMarketStream
    count: list[float] = field(factory=list)

    async def take(self, number: int) -> list[Tick]:
        async with asyncio.timeout(20):
            return [await anext(self._ticks) for _ in range(number)]

    def __attrs_post_init__(self) -> None:
        self._ticks = self.stream.ticks()

    _ticks: Any = field(init=False)

    async def aclose(self) -> None:
        await self._ticks.aclose()


@asynccontextmanager
async def line(
    *conversations: Conversation, timeout_s: float = 5.0, refused_s: float = 300.0
) -> AsyncIterator[Line]:
    """A stream that has these conversations one after the other, the last one again."""
    count: list[float] = []

    async def serve(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        count.append(CLOCK.monotonic())
        await conversations[min(len(count), len(conversations)) - 1](socket)
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_get("/v2/iex", serve)
    async with serving(app, timeout_s=timeout_s, refused_s=refused_s) as found:
        found.count = count
        yield found


@asynccontextmanager
async def serving(app: web.Application, **settings: float) -> AsyncIterator[Line]:
    async with TestServer(app) as server, open_session() as session:
        url = str(server.make_url("/"))
        asked = AlpacaStreamSettings(
            FixedKey(KEY, SECRET), url, backoff_s=SHORT_S, busy_s=SHORT_S * 2, **settings
        )
        names = (instrument("AAPL"), instrument("MSFT"))
        found = Line(AlpacaMarketStream(session, CLOCK, asked, names))
        try:
            yield found
        finally:
            await found.aclose()


async def test_a_halt_that_comes_before_all_is_confirmed_is_not_lost() -> None:
    async def early(socket: web.WebSocketResponse) -> None:
        await say(socket, {"T": "success", "msg": "connected"})
        await socket.receive_json()
        await say(socket, {"T": "success", "msg": "authenticated"})
        await socket.receive_json()
        await say(socket, halt())
        await say(socket, {"T": "subscription"}, quote(100))
        await stay(socket)

    async with line(early) as found:
        gap, told = await found.take(2)
    assert isinstance(gap, StreamGap)
    assert isinstance(told, Halt)
    assert told.symbol == AAPL


async def test_what_is_watched_is_asked_for_again_after_a_break() -> None:
    asked: list[object] = []

    async def once(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        asked.append(await socket.receive_json())
        await say(socket, {"T": "subscription"})
        await say(socket, quote(100))

    async with line(once) as found:
        found.stream.watch((AAPL,))
        ticks = await found.take(4)
    assert [type(one) for one in ticks[:3]] == [StreamGap, Quote, StreamGap]
    assert asked[:2] == [{"action": "subscribe", "quotes": ["AAPL"]}] * 2


async def test_those_that_go_make_room_for_those_that_come() -> None:
    asked: list[object] = []
    done = asyncio.Event()

    async def hear(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        for _ in range(3):
            asked.append(await socket.receive_json())
            await say(socket, {"T": "subscription"})
        done.set()
        await stay(socket)

    async with line(hear) as found:
        found.stream.watch((AAPL,))
        await found.take(1)
        found.stream.watch((Symbol("MSFT"),))
        async with asyncio.timeout(20):
            await done.wait()
    assert asked[1:] == [
        {"action": "unsubscribe", "quotes": ["AAPL"]},
        {"action": "subscribe", "quotes": ["MSFT"]},
    ]


async def too_large(socket: web.WebSocketResponse) -> None:
    await socket.send_str("[" + " " * 2_000_000 + "]")
    await stay(socket)


async def not_text(socket: web.WebSocketResponse) -> None:
    transport = socket.get_extra_info("socket")
    assert transport is not None
    await socket.send_frame(b"\xff\xfe", WSMsgType.TEXT)
    await stay(socket)


async def hang_up(socket: web.WebSocketResponse) -> None:
    assert socket._req is not None
    assert socket._req.transport is not None
    socket._req.transport.abort()


@pytest.mark.parametrize(
    "break_it", [too_large, not_text, hang_up, *map(error, (400, 401, 403, 404, 407, 500, 777))]
)
@pytest.mark.parametrize("admitted", [True, False])
async def test_whatever_breaks_it_it_begins_anew(
    break_it: Conversation, admitted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def first(socket: web.WebSocketResponse) -> None:
        if admitted:
            await admit(socket)
        await break_it(socket)

    async def second(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        await say(socket, halt())
        await stay(socket)

    async with line(first, second) as found:
        ticks = await found.take(3 if admitted else 2)
        assert isinstance(ticks[-1], Halt)
        assert found.stream.connected
    gaps = [one for one in ticks if isinstance(one, StreamGap)]
    assert len(gaps) == 1 + admitted
    assert "the stream of market data broke" in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize("code", [402, 405, 409])
async def test_what_no_waiting_mends_is_tried_slowly(
    code: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with line(error(code), refused_s=0.3) as found:
        taking = asyncio.ensure_future(found.take(1))
        async with asyncio.timeout(20):
            while len(found.count) < 3:
                await asyncio.wait({taking}, timeout=0.05)
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
    assert found.count[2] - found.count[1] >= 0.3
    assert caplog.text.count(str(code)) == 1
    assert "canary" not in caplog.text


async def test_a_vendor_that_says_nothing_is_given_up() -> None:
    async with line(stay, admit_and_stay, timeout_s=0.2) as found:
        await found.take(1)
        assert len(found.count) == 2


async def admit_and_stay(socket: web.WebSocketResponse) -> None:
    await admit(socket)
    await stay(socket)


async def test_a_vendor_that_says_no_goodbye_is_left_within_a_second() -> None:
    async def deaf(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        await asyncio.wait({asyncio.ensure_future(closing.wait())})

    closing = asyncio.Event()
    async with line(deaf) as found:
        await found.take(1)
        began = CLOCK.monotonic()
        await found.aclose()
        assert CLOCK.monotonic() - began < 1
        assert not found.stream.connected
        closing.set()


async def test_a_redirect_is_not_followed_to_its_end_with_the_keys(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard: list[object] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await say(socket, {"T": "success", "msg": "connected"})
        heard.append((await socket.receive()).type)
        return socket

    async def redirect(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/elsewhere")

    app = web.Application()
    app.router.add_get("/v2/iex", redirect)
    app.router.add_get("/elsewhere", elsewhere)
    async with serving(app) as found:
        taking = asyncio.ensure_future(found.take(1))
        async with asyncio.timeout(20):
            while "it redirects us" not in caplog.text or not heard:
                await asyncio.wait({taking}, timeout=0.05)
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
    assert set(heard) <= {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED}


async def test_a_flood_keeps_the_newest_of_each_symbol() -> None:
    done = asyncio.Event()

    async def flood(socket: web.WebSocketResponse) -> None:
        await admit(socket)
        await socket.receive_json()
        await say(socket, {"T": "subscription"})
        for start in range(1, 5_001, 100):
            await say(socket, *(quote(bid) for bid in range(start, start + 100)))
        await say(socket, halt("H", "MSFT"))
        done.set()
        await stay(socket)

    async with line(flood) as found:
        found.stream.watch((AAPL,))
        await found.take(1)
        async with asyncio.timeout(20):
            await done.wait()
        told: list[Tick] = []
        while not any(isinstance(one, Halt) for one in told):
            told += await found.take(1)
    assert len(told) < 5_000
    assert isinstance(told[-2], Quote)
    assert told[-2].bid == 5_000
