"""A small invented tape, and a simulator that plays it on a clock that stands still."""

import json
import math
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import aiohttp
import pytest
from attrs import frozen

from argo_adapters.simulator.alpaca.trading.house import TradingPlan
from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.simulator.simulation import KEY
from argo_core.backtest.tape import Tape
from argo_core.market.bar import MINUTE, Bar
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.session import Session
from argo_core.testing.fake_clock import FakeClock

FRIDAY = datetime(2024, 11, 22, 14, 30, tzinfo=UTC)
MONDAY = datetime(2024, 11, 25, 14, 30, tzinfo=UTC)
TRADED_MINUTES = 90
PRICES = {"AAA": 200.0, "BRK.B": 460.0, "BTC/USD": 4_300.0}
# BRK.B trades in every third minute only.
EVERY = {"AAA": 1, "BRK.B": 3, "BTC/USD": 1}


def bars(text: str) -> tuple[Bar, ...]:
    chance, price, found = Random(text), PRICES[text], []  # noqa: S311 - seeded chance is wanted
    for opens in (FRIDAY, MONDAY):
        for number in range(0, TRADED_MINUTES, EVERY[text]):
            close = round(price * (1 + chance.gauss(0, 0.001)), 2)
            high = round(max(price, close) + abs(chance.gauss(0, 0.1)), 2)
            low = round(min(price, close) - abs(chance.gauss(0, 0.1)), 2)
            volume = float(chance.randrange(1, 5_000))
            start = opens + number * MINUTE
            found.append(Bar(Symbol(text), start, price, high, low, close, volume))
            price = close
    return tuple(found)


def session(opens: datetime) -> Session:
    closes = opens + timedelta(hours=6.5)
    return Session(opens - timedelta(hours=5.5), opens, closes, closes + timedelta(hours=4))


@pytest.fixture(scope="session")
def tape() -> Tape:
    return Tape(
        name="invented",
        origin="nowhere",
        licence="none",
        note="made up for tests",
        seed=7,
        instruments=tuple(instrument(each) for each in PRICES),
        sessions=(session(FRIDAY), session(MONDAY)),
        starts=MONDAY,
        ends=MONDAY + timedelta(hours=10.5),
        bars={Symbol(each): bars(each) for each in PRICES},
    )


@pytest.fixture
def clock() -> FakeClock:
    # Forty minutes into Monday, in the third beat of a minute, two seconds past it.
    return FakeClock(MONDAY + timedelta(minutes=40, seconds=12))


@frozen
class Got:
    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        return json.loads(self.body)


class Caller:
    """Asks the simulator with the vendor's own way of showing a key."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self._session = session

    async def get(self, vendor: str, path: str, key: str = KEY, **query: str) -> Got:
        params = query | ({"apikey": key} if vendor == "alpha_vantage" and key else {})
        return await self._ask("GET", vendor, path, key, params=params)

    async def post(self, vendor: str, path: str, body: object, key: str = KEY) -> Got:
        return await self._ask("POST", vendor, path, key, json=body)

    async def follow(self, link: str) -> Got:
        return await self.send("GET", link, {"Authorization": f"Bearer {KEY}"})

    async def _ask(self, method: str, vendor: str, path: str, key: str, **rest: Any) -> Got:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        if vendor == "alpaca":
            headers = {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": key}
        return await self.send(method, self.simulator.url(vendor) + path, headers, **rest)

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        data: bytes | None = None,
        **rest: Any,
    ) -> Got:
        async with self._session.request(
            method, url, headers=headers, data=data, **rest
        ) as response:
            return Got(response.status, await response.read(), response.headers)


class Desk:
    """A client of Alpaca's trading side, with the simulator's own control beside it."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.control = caller.simulator.trading
        self.url = caller.simulator.url("alpaca")

    async def ask(self, method: str, path: str, body: object = None, **query: str) -> Got:
        headers = {"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": KEY}
        rest: dict[str, Any] = {"params": query} | ({} if body is None else {"json": body})
        return await self._caller.send(method, self.url + path, headers, **rest)

    async def get(self, path: str, **query: str) -> Any:
        got = await self.ask("GET", path, **query)
        assert got.status == 200, got.body
        return got.json()

    async def submit(self, side: str = "buy", qty: str = "3", **fields: object) -> Any:
        order = {"symbol": "AAA", "side": side, "qty": qty, "type": "market"}
        got = await self.ask("POST", "/v2/orders", order | {"time_in_force": "day"} | fields)
        assert got.status == 200, got.body
        return got.json()

    async def bracket(self, qty: str = "3", **fields: object) -> Any:
        legs = {"take_profit": {"limit_price": "212"}, "stop_loss": {"stop_price": "191"}}
        entry = {"type": "limit", "limit_price": "201", "time_in_force": "gtc"}
        return await self.submit(qty=qty, order_class="bracket", **(entry | legs | fields))

    async def order(self, order: Any, **query: str) -> Any:
        return await self.get(f"/v2/orders/{order['id']}", **query)

    async def statuses(self, *orders: Any) -> list[str]:
        return [(await self.order(one))["status"] for one in orders]

    async def events(self, socket: aiohttp.ClientWebSocketResponse) -> list[tuple[str, str]]:
        """What the stream has told so far, as pairs of event and the order's type."""
        told = []
        while (message := await heard(socket)) is not None:
            told.append((message["data"]["event"], message["data"]["order"]["type"]))
        return told

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with self.connected("/stream") as socket:
            keys = {"key_id": KEY, "secret_key": KEY}
            await socket.send_json({"action": "authenticate", "data": keys})
            await socket.receive_bytes()
            await socket.send_json({"action": "listen", "data": {"streams": ["trade_updates"]}})
            await socket.receive_bytes()
            yield socket

    @asynccontextmanager
    async def connected(
        self, path: str, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(self.url + path, headers=headers) as socket,
        ):
            yield socket


async def heard(socket: aiohttp.ClientWebSocketResponse) -> Any:
    """The next message; None when there is none for a moment, or the connection is gone."""
    try:
        message = await socket.receive(timeout=0.15)
    except TimeoutError:
        return None
    if message.type not in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
        return None
    return json.loads(message.data)


Opening = Callable[..., AbstractAsyncContextManager[Caller]]


@pytest.fixture
def opened(tape: Tape, clock: FakeClock) -> Opening:
    """Opens a simulator with what a test wants different."""

    @asynccontextmanager
    async def _opened(clock: FakeClock = clock, **settings: Any) -> AsyncIterator[Caller]:
        app = simulate(tape, clock, **({"latency_scale": math.inf} | settings))
        patience = aiohttp.ClientTimeout(total=5)
        async with serving(app) as simulator, aiohttp.ClientSession(timeout=patience) as session:
            yield Caller(simulator, session)

    return _opened


@pytest.fixture
async def vendors(opened: Opening) -> AsyncIterator[Caller]:
    async with opened() as caller:
        yield caller


@pytest.fixture
async def desk(opened: Opening) -> AsyncIterator[Desk]:
    """An open market for AAA at 200.00 and 200.10, where orders are filled in one go."""
    async with opened(trading=TradingPlan(partial_rate=0), limits=False) as caller:
        desk = Desk(caller)
        desk.control.quote("AAA", "200", "200.10")
        yield desk
